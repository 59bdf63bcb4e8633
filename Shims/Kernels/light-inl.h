// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Light and shadow, for whatever is lit; included once for each instruction set.

#if defined(DIORAMA_KERNELS_LIGHT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_LIGHT_INL_H
#undef DIORAMA_KERNELS_LIGHT_INL_H
#else
#define DIORAMA_KERNELS_LIGHT_INL_H
#endif

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <hwy/highway.h>
// After highway.h: it takes the target from there.
#include <hwy/contrib/math/math-inl.h>

#include "exp2-inl.h"
#include "include/kernels.h"
#include "tile.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using LightLanes = hn::CappedTag<float, KERNELS_BLOCK>;
using LightVector = hn::Vec<LightLanes>;

// A vector of points or directions.
struct Vector3 {
  LightVector x, y, z;
};

HWY_INLINE LightVector Same(float value) { return hn::Set(LightLanes(), value); }

HWY_INLINE LightVector Dot(const Vector3& a, const Vector3& b) {
  return hn::MulAdd(a.x, b.x, hn::MulAdd(a.y, b.y, hn::Mul(a.z, b.z)));
}

HWY_INLINE Vector3 Scaled(const Vector3& v, LightVector s) {
  return Vector3{hn::Mul(v.x, s), hn::Mul(v.y, s), hn::Mul(v.z, s)};
}

HWY_INLINE Vector3 Moved(const Vector3& from, const Vector3& along, LightVector by) {
  return Vector3{hn::MulAdd(along.x, by, from.x), hn::MulAdd(along.y, by, from.y),
                 hn::MulAdd(along.z, by, from.z)};
}

HWY_INLINE Vector3 Same(const float* v) { return Vector3{Same(v[0]), Same(v[1]), Same(v[2])}; }

// A vector of length 1; one without length stays.
HWY_INLINE Vector3 Unit(const Vector3& v) {
  const LightLanes d;
  const auto square = Dot(v, v);
  const auto inverse = hn::Div(Same(1.0f), hn::Sqrt(square));
  return Scaled(v, hn::IfThenElseZero(hn::Gt(square, hn::Zero(d)), inverse));
}

// The product of a row-major matrix and a vector.
HWY_INLINE Vector3 Turned(const float* m, const Vector3& v) {
  return Vector3{Dot(Same(m), v), Dot(Same(m + 3), v), Dot(Same(m + 6), v)};
}

// x^power for x from 1e-6 on; relative error below 1e-6.
HWY_INLINE LightVector Power(LightVector x, float power) {
  const LightLanes d;
  return Exp2(hn::Mul(hn::CallLog2(d, hn::Max(x, Same(1e-6f))), Same(power)));
}

// Linear light, 0...1e4, as a display-referred value of sRGB; error below 2e-6 up to 1.
HWY_INLINE LightVector Encoded(LightVector light) {
  const auto bounded = hn::Min(light, Same(1e4f));
  const auto curve = hn::MulSub(Same(1.055f), Power(bounded, 1 / 2.4f), Same(0.055f));
  return hn::IfThenElse(hn::Le(bounded, Same(0.0031308f)), hn::Mul(bounded, Same(12.92f)), curve);
}

// The polynomial of kernels_light.sky in one channel, not below 0.
HWY_INLINE LightVector SkyLight(const float* sky, int channel, const Vector3& n) {
  const auto c = [&](int k) { return Same(sky[3 * k + channel]); };
  const auto linear = hn::MulAdd(c(1), n.x, hn::MulAdd(c(2), n.y, hn::MulAdd(c(3), n.z, c(0))));
  const auto along_z = hn::Sub(hn::Mul(n.z, n.z), Same(1.0f / 3));
  const auto across = hn::Sub(hn::Mul(n.x, n.x), hn::Mul(n.y, n.y));
  const auto mixed =
      hn::MulAdd(c(4), hn::Mul(n.x, n.y),
                 hn::MulAdd(c(5), hn::Mul(n.y, n.z), hn::Mul(c(7), hn::Mul(n.x, n.z))));
  const auto squares = hn::MulAdd(c(6), along_z, hn::Mul(c(8), across));
  return hn::Max(hn::Add(linear, hn::Add(mixed, squares)), Same(0.0f));
}

// Where some pixels of a tile look from and to, in the world.
struct SightLines {
  Vector3 eye, ray;  // metres; to where the depth is 1 m

  HWY_INLINE Vector3 PointAt(LightVector depth) const { return Moved(eye, ray, depth); }
};

// Of the pixels from `at` on, with centres x and y on the image.
HWY_INLINE SightLines SightLinesOf(const kernels_light& light, const TileSight* sight, int at,
                                   LightVector x, LightVector y) {
  const LightLanes d;
  if (!sight) {
    return SightLines{Same(light.eye),
                      Turned(light.world_from_pixel, Vector3{x, y, Same(1.0f)})};
  }
  const auto load = [&](const float (*v)[kTilePixels]) HWY_ATTR {
    return Vector3{hn::Load(d, v[0] + at), hn::Load(d, v[1] + at), hn::Load(d, v[2] + at)};
  };
  return SightLines{load(sight->eye), load(sight->ray)};
}

// The box of vectors of points.
struct PointBounds {
  Vector3 low, high;

  // Written out: a constructor that the compiler makes is not for this instruction set.
  HWY_INLINE PointBounds()
      : low{Same(HUGE_VALF), Same(HUGE_VALF), Same(HUGE_VALF)},
        high{Same(-HUGE_VALF), Same(-HUGE_VALF), Same(-HUGE_VALF)} {}

  HWY_INLINE void Add(const Vector3& p, hn::Mask<LightLanes> lanes) {
    const auto widen = [&](LightVector v, LightVector* least, LightVector* most) HWY_ATTR {
      *least = hn::Min(*least, hn::IfThenElse(lanes, v, *least));
      *most = hn::Max(*most, hn::IfThenElse(lanes, v, *most));
    };
    widen(p.x, &low.x, &high.x);
    widen(p.y, &low.y, &high.y);
    widen(p.z, &low.z, &high.z);
  }

  HWY_INLINE PointBox Box() const {
    const LightLanes d;
    const LightVector* least[3] = {&low.x, &low.y, &low.z};
    const LightVector* most[3] = {&high.x, &high.y, &high.z};
    PointBox box;
    for (int k = 0; k < 3; ++k) {
      box.low[k] = hn::GetLane(hn::MinOfLanes(d, *least[k]));
      box.high[k] = hn::GetLane(hn::MaxOfLanes(d, *most[k]));
    }
    return box;
  }
};

// The share of a light that reaches points: of the four texels around a point those that are not
// nearer to the light, weighted by how near they lie to it.
HWY_INLINE LightVector Visibility(const kernels_shadow& shadow, const Vector3& point) {
  const LightLanes d;
  const hn::RebindToSigned<LightLanes> di;
  const float* m = shadow.map_from_world;
  const auto row = [&](const float* r) { return hn::Add(Dot(Same(r), point), Same(r[3])); };
  const auto x = hn::Sub(row(m), Same(0.5f)), y = hn::Sub(row(m + 4), Same(0.5f));
  const auto depth = hn::Sub(row(m + 8), Same(shadow.bias));
  const float last = float(shadow.size - 1);
  // False for NaN too.
  const auto inside =
      hn::And(hn::And(hn::Ge(x, Same(0.0f)), hn::Lt(x, Same(last))),
              hn::And(hn::Ge(y, Same(0.0f)), hn::Lt(y, Same(last))));
  if (hn::AllFalse(d, inside)) return Same(1.0f);
  const auto left = hn::Floor(hn::IfThenElseZero(inside, x));
  const auto top = hn::Floor(hn::IfThenElseZero(inside, y));
  const auto u = hn::Sub(x, left), v = hn::Sub(y, top);
  const auto at = hn::Add(hn::ConvertTo(di, left),
                          hn::Mul(hn::ConvertTo(di, top), hn::Set(di, shadow.size)));
  const auto lit = [&](int32_t step, LightVector weight) {
    const auto known = hn::GatherIndex(d, shadow.depths + step, at);
    return hn::IfThenElseZero(hn::Ge(known, depth), weight);
  };
  const auto not_u = hn::Sub(Same(1.0f), u), not_v = hn::Sub(Same(1.0f), v);
  const auto upper = hn::Add(lit(0, not_u), lit(1, u));
  const auto lower = hn::Add(lit(shadow.size, not_u), lit(shadow.size + 1, u));
  const auto share = hn::MulAdd(upper, not_v, hn::Mul(lower, v));
  return hn::IfThenElse(inside, share, Same(1.0f));
}

// What of the sun and of the sky reaches points.
struct Reached {
  LightVector sun, sky;
};

// The sky's share is that of its directions that are free, by the light from there and the cosine;
// a little light comes from all sides, so that surfaces that face none of them have a share.
//
// Of the shadows only those of `over` are asked, see ShadowsOver.
HWY_INLINE Reached ReachedBy(const kernels_light& light, uint32_t over, const Vector3& point,
                             const Vector3& normal) {
  constexpr float kAllSides = 0.1f;
  Reached reached{Same(1.0f), Same(1.0f)};
  if (over == 0) return reached;
  const Vector3 centre = Same(light.shadow_centre);
  const Vector3 off{hn::Sub(point.x, centre.x), hn::Sub(point.y, centre.y),
                    hn::Sub(point.z, centre.z)};
  const LightLanes d;
  const auto distance = hn::Sqrt(Dot(off, off));
  // Shadows fade over the last quarter of their reach; not near for NaN.
  const auto near = hn::Lt(distance, Same(light.shadow_radius));
  if (hn::AllFalse(d, near)) return reached;
  const auto strength = hn::IfThenElseZero(
      near, hn::Min(Same(1.0f), hn::Mul(hn::Sub(Same(light.shadow_radius), distance),
                                     Same(4 / light.shadow_radius))));
  const auto faded = [&](LightVector share) HWY_ATTR {
    return hn::NegMulAdd(strength, hn::Sub(Same(1.0f), share), Same(1.0f));
  };
  const auto seen_from = [&](const kernels_shadow& shadow) HWY_ATTR {
    return Visibility(shadow, Moved(point, normal, Same(shadow.offset)));
  };
  if (over & kSunShadow) reached.sun = faded(seen_from(*light.sun_shadow));
  if (over & kSplatShadow) reached.sun = hn::Mul(reached.sun, seen_from(*light.splat_shadow));
  if ((over & ~(kSunShadow | kSplatShadow)) == 0) return reached;
  auto free = Same(0.0f), all = Same(0.0f);
  for (int32_t k = 0; k < light.sky_shadow_count; ++k) {
    const kernels_shadow& shadow = light.sky_shadows[k];
    const auto cosine = hn::Max(Dot(normal, Same(shadow.direction)), Same(0.0f));
    const auto weight = hn::Mul(Same(shadow.share), hn::Add(cosine, Same(kAllSides)));
    all = hn::Add(weight, all);
    const auto seen = over & SkyShadow(k) ? seen_from(shadow) : Same(1.0f);
    free = hn::MulAdd(weight, seen, free);
  }
  reached.sky = faded(hn::Div(free, hn::Max(all, Same(1e-12f))));
  return reached;
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
