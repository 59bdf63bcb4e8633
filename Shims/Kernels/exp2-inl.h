// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The exponential that drawing and its derivative share, so that both see the same alphas.

// Included once for each instruction set: the guard flips.
#if defined(DIORAMA_KERNELS_EXP2_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_EXP2_INL_H
#undef DIORAMA_KERNELS_EXP2_INL_H
#else
#define DIORAMA_KERNELS_EXP2_INL_H
#endif

#include <hwy/highway.h>

#include "include/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

constexpr float kMinimumLog2Alpha = -7.99435343686f;  // log2(1/255)

// 2^e for e in [-126, 0], relative error below 2e-7: a minimax polynomial of degree 5 on
// [-1/2, 1/2], the integer part added to the exponent. Outside the range: any value.
template <class Vector>
HWY_INLINE Vector Exp2(Vector e) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::DFromV<Vector> d;
  const hn::RebindToSigned<hn::DFromV<Vector>> di;
  const auto magic = hn::Set(d, 12582912.0f);  // 1.5 * 2^23: the sum's low bits are the integer
  const auto shifted = hn::Add(e, magic);
  const auto f = hn::Sub(e, hn::Sub(shifted, magic));
  auto p = hn::Set(d, 1.326472709e-3f);
  p = hn::MulAdd(p, f, hn::Set(d, 9.671512862e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 5.550733746e-2f));
  p = hn::MulAdd(p, f, hn::Set(d, 2.402224208e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 6.931469776e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), exponent));
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
