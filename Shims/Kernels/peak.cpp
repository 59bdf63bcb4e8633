// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// How fast a core multiplies and adds, which a benchmark holds the kernels against.
//
// The limit: two vectors a cycle, each of which waits four cycles for its last sum; twelve chains
// keep both units of today's cores busy and fit the sixteen registers of AVX2.

#include <stdint.h>

#include "include/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

static int64_t MultiplyAdd(int64_t rounds, float* sum) {
  const hn::CappedTag<float, KERNELS_BLOCK> d;
  using Vector = hn::Vec<decltype(d)>;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  Vector a = hn::Iota(d, 0), b = hn::Iota(d, 1), c = hn::Iota(d, 2), e = hn::Iota(d, 3);
  Vector f = hn::Iota(d, 4), g = hn::Iota(d, 5), h = hn::Iota(d, 6), i = hn::Iota(d, 7);
  Vector j = hn::Iota(d, 8), k = hn::Iota(d, 9), l = hn::Iota(d, 10), m = hn::Iota(d, 11);
  for (int64_t round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, factor, term);
    b = hn::MulAdd(b, factor, term);
    c = hn::MulAdd(c, factor, term);
    e = hn::MulAdd(e, factor, term);
    f = hn::MulAdd(f, factor, term);
    g = hn::MulAdd(g, factor, term);
    h = hn::MulAdd(h, factor, term);
    i = hn::MulAdd(i, factor, term);
    j = hn::MulAdd(j, factor, term);
    k = hn::MulAdd(k, factor, term);
    l = hn::MulAdd(l, factor, term);
    m = hn::MulAdd(m, factor, term);
  }
  const auto all = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)),
                           hn::Add(hn::Add(hn::Add(f, g), hn::Add(h, i)),
                                   hn::Add(hn::Add(j, k), hn::Add(l, m))));
  *sum = hn::GetLane(hn::SumOfLanes(d, all));
  return rounds * 12 * 2 * int64_t(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(MultiplyAdd);
}  // namespace diorama

extern "C" int64_t kernels_multiply_add(int64_t rounds, float* sum) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(MultiplyAdd)(rounds, sum);
}
#endif
