// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which splats are joined into one on the way to a coarser level.
//
// In doubles: the determinant of a needle's covariance is what is left of terms a million million
// times as large.
//
// Sketch of the limit: a pair asks for its candidates' costs, two vectors of AVX2 with some 250
// operations, three exponentials, square roots and divisions each: 400 cycles, so that a level
// costs 200 for each splat that goes in. Gathers come from L1: candidates lie next to each other.

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/levels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pair.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exp2-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<double, KERNELS_CANDIDATES>;
using IntLanes = hn::RebindToSigned<Lanes>;
using FloatLanes = hn::Rebind<float, Lanes>;
using Vector = hn::Vec<Lanes>;

constexpr double kHalfLog2E = 0.72134752044448170;  // log2(e) / 2
constexpr double kFourPi = 12.566370614359172;

HWY_INLINE Vector Constant(double value) { return hn::Set(Lanes(), value); }

struct Covariance {
  Vector xx, xy, xz, yy, yz, zz;
};

struct Moments {
  Vector x, y, z;
  Covariance covariance;
  Vector determinant, opacity, red, green, blue, weight;
};

HWY_INLINE Vector Determinant(const Covariance& c) {
  const auto a = hn::Sub(hn::Mul(c.yy, c.zz), hn::Mul(c.yz, c.yz));
  const auto b = hn::Sub(hn::Mul(c.xy, c.zz), hn::Mul(c.yz, c.xz));
  const auto d = hn::Sub(hn::Mul(c.xy, c.yz), hn::Mul(c.yy, c.xz));
  return hn::MulAdd(c.xx, a, hn::Sub(hn::Mul(c.xz, d), hn::Mul(c.xy, b)));
}

HWY_INLINE Covariance Sum(const Covariance& a, const Covariance& b) {
  return Covariance{hn::Add(a.xx, b.xx), hn::Add(a.xy, b.xy), hn::Add(a.xz, b.xz),
                    hn::Add(a.yy, b.yy), hn::Add(a.yz, b.yz), hn::Add(a.zz, b.zz)};
}

// The integral of the product of two Gaussians whose means are (x, y, z) apart, over (2 pi)^1.5.
HWY_INLINE Vector Overlap(const Covariance& a, Vector determinant_a, const Covariance& b,
                          Vector determinant_b, Vector x, Vector y, Vector z) {
  const Lanes d;
  const Covariance c = Sum(a, b);
  const auto determinant = Determinant(c);
  const auto inverse = hn::Div(Constant(1), determinant);
  const auto minor = [](Vector p, Vector q, Vector r, Vector s) {
    return hn::Sub(hn::Mul(p, q), hn::Mul(r, s));
  };
  const auto first = hn::MulAdd(minor(c.yy, c.zz, c.yz, c.yz), x,
                                hn::MulAdd(minor(c.xz, c.yz, c.xy, c.zz), y,
                                           hn::Mul(minor(c.xy, c.yz, c.xz, c.yy), z)));
  const auto second = hn::MulAdd(minor(c.xz, c.yz, c.xy, c.zz), x,
                                 hn::MulAdd(minor(c.xx, c.zz, c.xz, c.xz), y,
                                            hn::Mul(minor(c.xy, c.xz, c.xx, c.yz), z)));
  const auto third = hn::MulAdd(minor(c.xy, c.yz, c.xz, c.yy), x,
                                hn::MulAdd(minor(c.xy, c.xz, c.xx, c.yz), y,
                                           hn::Mul(minor(c.xx, c.yy, c.xy, c.xy), z)));
  const auto form =
      hn::Mul(hn::MulAdd(first, x, hn::MulAdd(second, y, hn::Mul(third, z))), inverse);
  const auto square =
      hn::Mul(hn::Mul(hn::Max(determinant_a, hn::Zero(d)), inverse),
              hn::Max(determinant_b, hn::Zero(d)));
  const auto exponent =
      hn::Max(hn::Mul(form, Constant(-kHalfLog2E)), Constant(-126));
  const auto decay = Exp2(hn::DemoteTo(FloatLanes(), hn::Min(exponent, hn::Zero(d))));
  return hn::Mul(hn::Sqrt(square), hn::PromoteTo(d, decay));
}

// How much the field changes where one splat takes the place of two.
HWY_INLINE Vector FieldDistance(const Moments& a, const Moments& b) {
  const Lanes d;
  const auto weight = hn::Add(a.weight, b.weight);
  const auto u = hn::Div(a.weight, weight), v = hn::Div(b.weight, weight);
  const auto x = hn::Sub(b.x, a.x), y = hn::Sub(b.y, a.y), z = hn::Sub(b.z, a.z);
  const auto spread = hn::Mul(u, v);
  const auto mixed = [&](Vector p, Vector q, Vector e, Vector f) {
    return hn::MulAdd(u, p, hn::MulAdd(v, q, hn::Mul(spread, hn::Mul(e, f))));
  };
  const Covariance &p = a.covariance, &q = b.covariance;
  const Covariance m{mixed(p.xx, q.xx, x, x), mixed(p.xy, q.xy, x, y), mixed(p.xz, q.xz, x, z),
                     mixed(p.yy, q.yy, y, y), mixed(p.yz, q.yz, y, z), mixed(p.zz, q.zz, z, z)};
  const auto determinant = Determinant(m);
  const auto invariant = hn::Sub(
      hn::MulAdd(m.xx, m.yy, hn::MulAdd(m.xx, m.zz, hn::Mul(m.yy, m.zz))),
      hn::MulAdd(m.xy, m.xy, hn::MulAdd(m.xz, m.xz, hn::Mul(m.yz, m.yz))));
  const auto area = hn::Mul(
      Constant(kFourPi),
      hn::Sqrt(hn::Mul(hn::Max(invariant, hn::Zero(d)), Constant(1.0 / 3))));
  const auto opacity = hn::Min(Constant(1), hn::Div(weight, area));
  const auto ab = Overlap(p, a.determinant, q, b.determinant, x, y, z);
  const auto am = Overlap(p, a.determinant, m, determinant, hn::Mul(v, x), hn::Mul(v, y),
                          hn::Mul(v, z));
  const auto bm = Overlap(q, b.determinant, m, determinant, hn::Mul(u, x), hn::Mul(u, y),
                          hn::Mul(u, z));
  // The strengths are opacity times (red, green, blue, 1).
  const auto product = [&](const Vector* f, const Vector* g) {
    return hn::MulAdd(f[0], g[0], hn::MulAdd(f[1], g[1], hn::MulAdd(f[2], g[2], Constant(1))));
  };
  const Vector ca[3] = {a.red, a.green, a.blue}, cb[3] = {b.red, b.green, b.blue};
  Vector cm[3];
  for (int k = 0; k < 3; ++k) cm[k] = hn::MulAdd(u, ca[k], hn::Mul(v, cb[k]));
  const auto self = [&](Vector o, const Vector* c, Vector determinant_of) {
    const auto overlap =
        hn::Sqrt(hn::Mul(hn::Max(determinant_of, hn::Zero(d)), Constant(0.125)));
    return hn::Mul(hn::Mul(o, o), hn::Mul(product(c, c), overlap));
  };
  const auto sum = hn::Add(self(a.opacity, ca, a.determinant),
                           hn::Add(self(b.opacity, cb, b.determinant),
                                   self(opacity, cm, determinant)));
  const auto cross = [&](Vector o, const Vector* c, Vector r, const Vector* e, Vector overlap) {
    return hn::Mul(hn::Mul(o, r), hn::Mul(product(c, e), overlap));
  };
  const auto mixed_terms =
      hn::Sub(cross(a.opacity, ca, b.opacity, cb, ab),
              hn::Add(cross(a.opacity, ca, opacity, cm, am),
                      cross(b.opacity, cb, opacity, cm, bm)));
  return hn::MulAdd(Constant(2), mixed_terms, sum);
}

// Loads the moments that `column` gives for each of the columns.
template <class Column>
HWY_INLINE Moments Load(Column column) {
  return Moments{column(0),
                 column(1),
                 column(2),
                 Covariance{column(3), column(4), column(5), column(6), column(7), column(8)},
                 column(9),
                 column(10),
                 column(11),
                 column(12),
                 column(13),
                 column(14)};
}

static void PairSplats(const double* columns, int32_t count, int32_t* partners) {
  const Lanes d;
  const IntLanes di;
  constexpr int32_t kFree = -2;
  std::fill_n(partners, count, kFree);
  for (int32_t first = 0; first < count; ++first) {
    if (partners[first] != kFree) continue;
    HWY_ALIGN int64_t candidates[KERNELS_CANDIDATES];
    int32_t found = 0;
    for (int32_t i = first + 1; i < count && found < KERNELS_CANDIDATES; ++i) {
      if (partners[i] == kFree) candidates[found++] = i;
    }
    partners[first] = -1;
    if (found == 0) continue;
    std::fill(candidates + found, candidates + KERNELS_CANDIDATES, candidates[0]);
    const Moments a =
        Load([&](int k) { return Constant(columns[size_t(k) * size_t(count) + size_t(first)]); });
    HWY_ALIGN double costs[KERNELS_CANDIDATES];
    for (int at = 0; at < KERNELS_CANDIDATES; at += int(hn::Lanes(d))) {
      const auto index = hn::Load(di, candidates + at);
      const Moments b = Load([&](int k) {
        return hn::GatherIndex(d, columns + size_t(k) * size_t(count), index);
      });
      hn::Store(FieldDistance(a, b), d, costs + at);
    }
    const int32_t best = int32_t(std::min_element(costs, costs + found) - costs);
    partners[first] = int32_t(candidates[best]);
    partners[candidates[best]] = -1;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(PairSplats);
}  // namespace diorama

extern "C" void kernels_pair_splats(const double* columns, int32_t count, int32_t* partners) {
  HWY_DYNAMIC_DISPATCH(diorama::PairSplats)(columns, count, partners);
}
#endif
