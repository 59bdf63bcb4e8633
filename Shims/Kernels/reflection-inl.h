// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What surfaces of metals and dielectrics make of light; included once for each instruction set.

#if defined(DIORAMA_KERNELS_REFLECTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_REFLECTION_INL_H
#undef DIORAMA_KERNELS_REFLECTION_INL_H
#else
#define DIORAMA_KERNELS_REFLECTION_INL_H
#endif

#include "light-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// What a vector of pixels is lit by.
struct Lighting {
  const kernels_light* light;
  Reached reached;
  Vector3 normal, reflected;  // unit
  LightVector to_sun, to_eye;      // cosines with the normal, not below 0
  LightVector lobe;                // of the sun's reflection: what it gives where all is reflected
  LightVector fresnel;             // 1 at grazing angles of the sun's half vector
  LightVector sky_scale, sky_bias; // of what is reflected head-on, and of what always is
};

// Metallic-roughness shading: Lambert and GGX for the sun (Karis, "Real shading in Unreal Engine
// 4", 2013, with Hammon's visibility), for the sky its polynomial and Karis' analytic approximation
// of what is reflected of it ("Physically based shading on mobile", 2014).
HWY_INLINE Lighting LightingOf(const kernels_light* light, const kernels_placement& placement,
                               const Reached& reached, const Vector3& normal,
                               const Vector3& to_eye) {
  Lighting l;
  l.light = light;
  l.normal = normal;
  l.reached = reached;
  const Vector3 to_sun = Same(light->sun_direction);
  l.to_sun = hn::Max(Dot(normal, to_sun), Same(0.0f));
  const auto facing = Dot(normal, to_eye);
  l.to_eye = hn::Max(facing, Same(1e-4f));
  l.reflected = Moved(Scaled(to_eye, Same(-1)), normal, hn::Add(facing, facing));
  const Vector3 half = Unit(Moved(to_eye, to_sun, Same(1.0f)));
  const auto along = hn::Max(Dot(normal, half), Same(0.0f));
  const auto away = hn::Sub(Same(1.0f), hn::Max(Dot(to_sun, half), Same(0.0f)));
  const auto away2 = hn::Mul(away, away);
  l.fresnel = hn::Mul(hn::Mul(away2, away2), away);
  const float alpha = fmaxf(placement.roughness * placement.roughness, 0.002f);
  const auto bulge = hn::MulAdd(hn::Mul(along, along), Same(alpha * alpha - 1), Same(1.0f));
  // D without 1 / pi, which the light's unit has; V as 1 / (2 lerp(2 l v, l + v, alpha)).
  const auto distribution = hn::Div(Same(alpha * alpha), hn::Mul(bulge, bulge));
  const auto both = hn::Mul(l.to_sun, l.to_eye);
  const auto smith = hn::MulAdd(Same(alpha), hn::Add(l.to_sun, l.to_eye),
                                hn::Mul(Same(2 - 2 * alpha), both));
  const auto visible = hn::Div(Same(0.5f), hn::Max(smith, Same(1e-6f)));
  l.lobe = hn::Mul(hn::Mul(distribution, visible), l.to_sun);
  const float r = placement.roughness;
  const auto grazing = Exp2(hn::Mul(Same(-9.28f), l.to_eye));
  const float rx = 1 - r;
  const auto a004 = hn::MulAdd(hn::Min(Same(rx * rx), grazing), Same(rx),
                               Same(0.0425f - 0.0275f * r));
  l.sky_scale = hn::MulAdd(Same(-1.04f), a004, Same(1.04f - 0.572f * r));
  l.sky_bias = hn::Max(hn::MulAdd(Same(1.04f), a004, Same(0.022f * r - 0.04f)),
                       Same(0.0f));
  return l;
}

// What a channel of a surface sends back of light.
struct Reflectance {
  LightVector head_on;   // mirrored, of light that comes along the normal
  LightVector rise;      // what is mirrored more at grazing angles
  LightVector scattered; // of what is not mirrored
  float grazing;         // mirrored at grazing angles
};

constexpr float kDielectric = 0.04f;

// That of a surface of one colour.
HWY_INLINE Reflectance ReflectanceOf(const kernels_placement& placement, int channel) {
  const float albedo = placement.albedo[channel], metallic = placement.metallic;
  const float head_on = kDielectric * placement.specular * (1 - metallic) + albedo * metallic;
  const float grazing = placement.specular * (1 - metallic) + metallic;
  return Reflectance{Same(head_on), Same(grazing - head_on), Same(albedo * (1 - metallic)),
                     grazing};
}

// That of a surface that differs from pixel to pixel.
HWY_INLINE Reflectance ReflectanceOf(const kernels_placement& placement, LightVector albedo) {
  const float metallic = placement.metallic;
  const float dielectric = placement.specular * (1 - metallic);
  const auto head_on = hn::MulAdd(albedo, Same(metallic), Same(kDielectric * dielectric));
  const float grazing = dielectric + metallic;
  return Reflectance{head_on, hn::Sub(Same(grazing), head_on),
                     hn::Mul(albedo, Same(1 - metallic)), grazing};
}

// The light, linear, that a channel of a surface sends to the eye.
HWY_INLINE LightVector Lit(const Lighting& l, const kernels_placement& placement,
                           const Reflectance& r, int channel) {
  const auto sun = hn::Mul(Same(l.light->sun[channel]), l.reached.sun);
  const auto sky = hn::Mul(SkyLight(l.light->sky, channel, l.normal), l.reached.sky);
  const auto mirrored =
      hn::Mul(SkyLight(placement.sky_reflection, channel, l.reflected), l.reached.sky);
  const auto reflects = hn::MulAdd(r.head_on, l.sky_scale, hn::Mul(Same(r.grazing), l.sky_bias));
  const auto scattered = hn::Mul(r.scattered, hn::Sub(Same(1.0f), reflects));
  const auto fresnel = hn::MulAdd(r.rise, l.fresnel, r.head_on);
  const auto diffuse = hn::Mul(scattered, hn::MulAdd(sun, l.to_sun, sky));
  return hn::MulAdd(hn::Mul(fresnel, l.lobe), sun, hn::MulAdd(reflects, mirrored, diffuse));
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
