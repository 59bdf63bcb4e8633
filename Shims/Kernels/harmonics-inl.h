// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The colour of splats from where they are seen; included once for each instruction set.

#if defined(DIORAMA_KERNELS_HARMONICS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_HARMONICS_INL_H
#undef DIORAMA_KERNELS_HARMONICS_INL_H
#else
#define DIORAMA_KERNELS_HARMONICS_INL_H
#endif

#include <hwy/highway.h>

#include "include/kernels.h"
#include "vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

struct Colour {
  Vector r, g, b;
};

// The basis of Sloan, "Efficient spherical harmonic evaluation", JCGT 2013, without degree 0.
HWY_INLINE int ShBasis(Vector x, Vector y, Vector z, int count, Vector* basis) {
  const auto xx = hn::Mul(x, x), yy = hn::Mul(y, y), zz = hn::Mul(z, z);
  basis[0] = hn::Mul(Constant(-0.48860251190292f), y);
  basis[1] = hn::Mul(Constant(0.48860251190292f), z);
  basis[2] = hn::Mul(Constant(-0.48860251190292f), x);
  if (count < 8) return 3;
  const auto xy = hn::Mul(x, y), yz = hn::Mul(y, z), xz = hn::Mul(x, z);
  const auto difference = hn::Sub(xx, yy);
  basis[3] = hn::Mul(Constant(1.092548430592079f), xy);
  basis[4] = hn::Mul(Constant(-1.092548430592079f), yz);
  basis[5] = hn::MulAdd(Constant(0.9461746957575601f), zz, Constant(-0.3153915652525201f));
  basis[6] = hn::Mul(Constant(-1.092548430592079f), xz);
  basis[7] = hn::Mul(Constant(0.5462742152960395f), difference);
  if (count < 15) return 8;
  const auto three = Constant(3.0f);
  const auto band1 = hn::MulAdd(Constant(-2.285228997322329f), zz, Constant(0.4570457994644658f));
  basis[8] = hn::Mul(Constant(-0.5900435899266435f),
                     hn::Mul(y, hn::Sub(hn::Mul(three, xx), yy)));
  basis[9] = hn::Mul(Constant(2.890611442640554f), hn::Mul(xy, z));
  basis[10] = hn::Mul(band1, y);
  basis[11] = hn::Mul(z, hn::MulAdd(Constant(1.865881662950577f), zz,
                                    Constant(-1.119528997770346f)));
  basis[12] = hn::Mul(band1, x);
  basis[13] = hn::Mul(Constant(1.445305721320277f), hn::Mul(z, difference));
  basis[14] = hn::Mul(Constant(-0.5900435899266435f),
                      hn::Mul(x, hn::Sub(xx, hn::Mul(three, yy))));
  return 15;
}

HWY_INLINE Colour AddSh(const kernels_camera* camera, Vector x, Vector y, Vector z,
                        const float* rest, int count, Colour colour) {
  const Lanes d;
  x = hn::Sub(x, Constant(camera->eye[0]));
  y = hn::Sub(y, Constant(camera->eye[1]));
  z = hn::Sub(z, Constant(camera->eye[2]));
  const auto squared = hn::MulAdd(x, x, hn::MulAdd(y, y, hn::Mul(z, z)));
  const auto inverse = hn::Div(Constant(1.0f), hn::Sqrt(squared));
  Vector basis[15];
  const int used =
      ShBasis(hn::Mul(x, inverse), hn::Mul(y, inverse), hn::Mul(z, inverse), count, basis);
  for (int k = 0; k < used; ++k, rest += 3 * KERNELS_BLOCK) {
    colour.r = hn::MulAdd(basis[k], hn::LoadU(d, rest), colour.r);
    colour.g = hn::MulAdd(basis[k], hn::LoadU(d, rest + KERNELS_BLOCK), colour.g);
    colour.b = hn::MulAdd(basis[k], hn::LoadU(d, rest + 2 * KERNELS_BLOCK), colour.b);
  }
  return colour;
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
