// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// A part of the opacity of splats; included once for each instruction set.

#if defined(DIORAMA_KERNELS_SHARE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_SHARE_INL_H
#undef DIORAMA_KERNELS_SHARE_INL_H
#else
#define DIORAMA_KERNELS_SHARE_INL_H
#endif

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// log2(1 - (1 - a)^share) of log2 a.
//
// An opaque splat would not fade at all; it counts as 0.99, the most that any splat hides.
HWY_INLINE Vector Log2OfShare(Vector log2_opacity, float share) {
  const Lanes d;
  const auto opacity =
      hn::Min(hn::Exp(d, hn::Mul(log2_opacity, Constant(0.69314718056f))), Constant(0.99f));
  const auto log_clear = hn::Log1p(d, hn::Neg(opacity));
  const auto part = hn::Neg(hn::Expm1(d, hn::Mul(log_clear, Constant(share))));
  return hn::Log2(d, hn::Max(part, Constant(1e-30f)));
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
