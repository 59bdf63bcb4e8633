// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Points and directions of several splats at a time; included once for each instruction set.

#if defined(DIORAMA_KERNELS_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_VECTORS_INL_H
#undef DIORAMA_KERNELS_VECTORS_INL_H
#else
#define DIORAMA_KERNELS_VECTORS_INL_H
#endif

#include <hwy/highway.h>

#include "include/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_BLOCK>;
using Vector = hn::Vec<Lanes>;

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

struct Vector3 {
  Vector x, y, z;
};

HWY_INLINE Vector Dot(const Vector3& a, const Vector3& b) {
  return hn::MulAdd(a.x, b.x, hn::MulAdd(a.y, b.y, hn::Mul(a.z, b.z)));
}

HWY_INLINE Vector3 Scaled(const Vector3& v, Vector s) {
  return Vector3{hn::Mul(v.x, s), hn::Mul(v.y, s), hn::Mul(v.z, s)};
}

// a b - c d without cancellation where the target has a fused multiply-add (Kahan).
HWY_INLINE Vector Minor(Vector a, Vector b, Vector c, Vector d) {
  const auto product = hn::Mul(c, d);
  const auto error = hn::NegMulAdd(c, d, product);
  return hn::Add(hn::MulSub(a, b, product), error);
}

HWY_INLINE Vector3 Cross(const Vector3& a, const Vector3& b) {
  return Vector3{Minor(a.y, b.z, a.z, b.y), Minor(a.z, b.x, a.x, b.z), Minor(a.x, b.y, a.y, b.x)};
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
