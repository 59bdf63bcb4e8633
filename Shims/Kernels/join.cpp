// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Pairs of splats into the ones with their moments, and moments into axes.
//
// In doubles, as `pair.cpp`. Sketch of the limit: a joined splat costs 32 gathers and 80
// operations, its axes fifteen turns with two square roots and two divisions each: 170 cycles with
// eight lanes, 340 with four.

#include <stddef.h>
#include <stdint.h>

#include "include/levels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "join.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// Its place is behind that of Highway.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<double, 8>;
using IntLanes = hn::RebindToSigned<Lanes>;
using FloatLanes = hn::Rebind<float, Lanes>;
using Vector = hn::Vec<Lanes>;

constexpr double kFourPi = 12.566370614359172;
constexpr double kThickness2 = 1e-6;  // as `Blob.thickness2`
constexpr int kLargestLanes = 8;

HWY_INLINE Vector Constant(double value) { return hn::Set(Lanes(), value); }

HWY_INLINE Vector Square(Vector v) { return hn::Mul(v, v); }

// The columns of moments.
enum { kMean = 0, kCovariance = 3, kDeterminant = 9, kOpacity = 10, kColour = 11, kWeight = 14,
       kMoved = 15 };

// Calls `body(first, left)` for each vector of a count, where `left` may be fewer than its lanes.
template <class Body>
HWY_INLINE void ForLanes(int32_t count, const Body& body) {
  const size_t lanes = hn::Lanes(Lanes());
  for (size_t first = 0; first < size_t(count); first += lanes) {
    body(first, HWY_MIN(size_t(count) - first, lanes));
  }
}

HWY_INLINE Vector LoadLeft(const double* from, size_t left) {
  if (left == hn::Lanes(Lanes())) return hn::LoadU(Lanes(), from);
  HWY_ALIGN double lanes[kLargestLanes];
  for (size_t i = 0; i < hn::Lanes(Lanes()); ++i) lanes[i] = from[HWY_MIN(i, left - 1)];
  return hn::Load(Lanes(), lanes);
}

HWY_INLINE void StoreLeft(Vector value, double* to, size_t left) {
  if (left == hn::Lanes(Lanes())) return hn::StoreU(value, Lanes(), to);
  HWY_ALIGN double lanes[kLargestLanes];
  hn::Store(value, Lanes(), lanes);
  for (size_t i = 0; i < left; ++i) to[i] = lanes[i];
}

HWY_INLINE Vector Area(const Vector* c) {
  const auto invariant =
      hn::Sub(hn::MulAdd(c[0], c[3], hn::MulAdd(c[0], c[5], hn::Mul(c[3], c[5]))),
              hn::MulAdd(c[1], c[1], hn::MulAdd(c[2], c[2], hn::Mul(c[4], c[4]))));
  return hn::Mul(Constant(kFourPi),
                 hn::Sqrt(hn::Mul(hn::Max(invariant, hn::Zero(Lanes())), Constant(1.0 / 3))));
}

// Of the covariance xx xy xz yy yz zz.
HWY_INLINE Vector Determinant(const Vector* c) {
  const auto a = hn::Sub(hn::Mul(c[3], c[5]), hn::Mul(c[4], c[4]));
  const auto b = hn::Sub(hn::Mul(c[1], c[5]), hn::Mul(c[4], c[2]));
  const auto e = hn::Sub(hn::Mul(c[1], c[4]), hn::Mul(c[3], c[2]));
  return hn::MulAdd(c[0], a, hn::Sub(hn::Mul(c[2], e), hn::Mul(c[1], b)));
}

static void JoinSplats(const double* columns, int32_t count, const int32_t* pairs,
                       int32_t pair_count, double* joined) {
  const Lanes d;
  const IntLanes di;
  const size_t n = size_t(count), m = size_t(pair_count);
  ForLanes(pair_count, [&](size_t first, size_t left) HWY_ATTR {
    HWY_ALIGN int64_t ones[kLargestLanes], others[kLargestLanes];
    for (size_t i = 0; i < hn::Lanes(d); ++i) {
      ones[i] = pairs[2 * (first + HWY_MIN(i, left - 1))];
      others[i] = pairs[2 * (first + HWY_MIN(i, left - 1)) + 1];
    }
    const auto one = hn::Load(di, ones), other = hn::Load(di, others);
    const auto is_alone = hn::RebindMask(d, hn::Eq(one, other));
    const auto a = [&](int k) HWY_ATTR { return hn::GatherIndex(d, columns + size_t(k) * n, one); };
    const auto b = [&](int k) HWY_ATTR {
      return hn::GatherIndex(d, columns + size_t(k) * n, other);
    };
    const auto put = [&](int k, Vector value) HWY_ATTR {
      StoreLeft(value, joined + size_t(k) * m + first, left);
    };
    // Who is alone has a partner without weight.
    const auto weight_a = a(kWeight), weight_b = hn::IfThenZeroElse(is_alone, b(kWeight));
    const auto weight = hn::Add(weight_a, weight_b);
    const auto u = hn::Div(weight_a, weight), v = hn::Div(weight_b, weight);
    const auto spread = hn::Mul(u, v);
    Vector apart[3], covariance[6];
    auto square = hn::Zero(d);
    for (int i = 0; i < 3; ++i) {
      const auto from = a(kMean + i);
      apart[i] = hn::Sub(b(kMean + i), from);
      square = hn::MulAdd(apart[i], apart[i], square);
      put(kMean + i, hn::MulAdd(v, apart[i], from));
      put(kColour + i, hn::MulAdd(u, a(kColour + i), hn::Mul(v, b(kColour + i))));
    }
    int k = 0;
    for (int i = 0; i < 3; ++i) {
      for (int j = i; j < 3; ++j, ++k) {
        covariance[k] = hn::MulAdd(
            u, a(kCovariance + k),
            hn::MulAdd(v, b(kCovariance + k), hn::Mul(spread, hn::Mul(apart[i], apart[j]))));
        put(kCovariance + k, covariance[k]);
      }
    }
    put(kDeterminant, Determinant(covariance));
    put(kOpacity, hn::Min(Constant(1), hn::Div(weight, Area(covariance))));
    put(kWeight, weight);
    const auto moved_b = hn::IfThenZeroElse(is_alone, b(kMoved));
    put(kMoved, hn::MulAdd(hn::Mul(weight, spread), square, hn::Add(a(kMoved), moved_b)));
  });
}

// Turns two axes so that the element between them becomes zero; `u` and `v` are those between them
// and the third, `x` and `y` the axes.
HWY_INLINE void Turn(Vector& first, Vector& second, Vector& between, Vector& u, Vector& v,
                     Vector* x, Vector* y) {
  const Lanes d;
  const auto half = hn::Div(hn::Sub(second, first), hn::Add(between, between));
  const auto size = hn::Add(hn::Abs(half), hn::Sqrt(hn::MulAdd(half, half, Constant(1))));
  const auto tangent = hn::IfThenZeroElse(hn::Eq(between, hn::Zero(d)),
                                          hn::Div(hn::CopySign(Constant(1), half), size));
  const auto cosine =
      hn::Div(Constant(1), hn::Sqrt(hn::MulAdd(tangent, tangent, Constant(1))));
  const auto sine = hn::Mul(tangent, cosine);
  first = hn::NegMulAdd(tangent, between, first);
  second = hn::MulAdd(tangent, between, second);
  between = hn::Zero(d);
  const auto turn = [&](Vector& p, Vector& q) HWY_ATTR {
    const auto before = p;
    p = hn::Sub(hn::Mul(cosine, p), hn::Mul(sine, q));
    q = hn::MulAdd(sine, before, hn::Mul(cosine, q));
  };
  turn(u, v);
  for (int i = 0; i < 3; ++i) turn(x[i], y[i]);
}

// The quaternion w x y z of the axes x, y and their cross product.
HWY_INLINE void Rotation(const Vector* x, const Vector* y, Vector* q) {
  const auto cross = [&](int i, int j) HWY_ATTR {
    return hn::Sub(hn::Mul(x[i], y[j]), hn::Mul(x[j], y[i]));
  };
  const Vector z[3] = {cross(1, 2), cross(2, 0), cross(0, 1)};
  const auto one = Constant(1);
  // Four times the squares of the parts.
  Vector squares[4] = {hn::Add(hn::Add(one, x[0]), hn::Add(y[1], z[2])),
                       hn::Sub(hn::Add(one, x[0]), hn::Add(y[1], z[2])),
                       hn::Sub(hn::Add(one, y[1]), hn::Add(x[0], z[2])),
                       hn::Sub(hn::Add(one, z[2]), hn::Add(x[0], y[1]))};
  const Vector wx = hn::Sub(y[2], z[1]), wy = hn::Sub(z[0], x[2]), wz = hn::Sub(x[1], y[0]);
  const Vector xy = hn::Add(x[1], y[0]), xz = hn::Add(z[0], x[2]), yz = hn::Add(y[2], z[1]);
  // Four times the products of the largest part with each.
  const Vector products[4][4] = {{squares[0], wx, wy, wz},
                                 {wx, squares[1], xy, xz},
                                 {wy, xy, squares[2], yz},
                                 {wz, xz, yz, squares[3]}};
  auto largest = squares[0];
  for (int k = 0; k < 4; ++k) q[k] = products[0][k];
  for (int i = 1; i < 4; ++i) {
    const auto is_larger = hn::Gt(squares[i], largest);
    largest = hn::IfThenElse(is_larger, squares[i], largest);
    for (int k = 0; k < 4; ++k) q[k] = hn::IfThenElse(is_larger, products[i][k], q[k]);
  }
  const auto scale = hn::Div(Constant(0.5), hn::Sqrt(largest));
  for (int k = 0; k < 4; ++k) q[k] = hn::Mul(q[k], scale);
}

static void MomentAxes(const double* columns, int32_t count, float least_log_scale,
                       float* splats) {
  const Lanes d;
  const FloatLanes df;
  const size_t n = size_t(count);
  const double least = double(least_log_scale);
  ForLanes(count, [&](size_t first, size_t left) HWY_ATTR {
    const auto column = [&](int k) HWY_ATTR {
      return LoadLeft(columns + size_t(k) * n + first, left);
    };
    const auto put = [&](int k, Vector value) HWY_ATTR {
      HWY_ALIGN float lanes[kLargestLanes];
      hn::StoreU(hn::DemoteTo(df, value), df, lanes);
      for (size_t i = 0; i < left; ++i) splats[size_t(k) * n + first + i] = lanes[i];
    };
    Vector m[6];
    for (int k = 0; k < 6; ++k) m[k] = column(kCovariance + k);
    const auto zero = hn::Zero(d), one = Constant(1);
    Vector x[3] = {one, zero, zero}, y[3] = {zero, one, zero}, z[3] = {zero, zero, one};
    // Jacobi's method converges quadratically; five rounds do for any matrix of 3 x 3.
    for (int sweep = 0; sweep < 5; ++sweep) {
      Turn(m[0], m[3], m[1], m[2], m[4], x, y);
      Turn(m[0], m[5], m[2], m[1], m[4], x, z);
      Turn(m[3], m[5], m[4], m[1], m[2], y, z);
    }
    Vector q[4];
    Rotation(x, y, q);
    const Vector variances[3] = {m[0], m[3], m[5]};
    for (int i = 0; i < 3; ++i) {
      put(i, column(kMean + i));
      const auto variance = hn::Max(hn::Sub(variances[i], Constant(kThickness2)),
                                    Constant(1e-300));
      const auto log = hn::Mul(hn::Log(d, variance), Constant(0.5));
      put(3 + i, hn::Max(log, Constant(least)));
      put(11 + i, column(kColour + i));
    }
    for (int k = 0; k < 4; ++k) put(6 + k, q[k]);
    put(10, hn::Min(one, hn::Max(zero, column(kOpacity))));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(JoinSplats);
HWY_EXPORT(MomentAxes);
}  // namespace diorama

extern "C" void kernels_join_splats(const double* columns, int32_t count, const int32_t* pairs,
                                    int32_t pair_count, double* joined) {
  HWY_DYNAMIC_DISPATCH(diorama::JoinSplats)(columns, count, pairs, pair_count, joined);
}

extern "C" void kernels_moment_axes(const double* columns, int32_t count, float least_log_scale,
                                    float* splats) {
  HWY_DYNAMIC_DISPATCH(diorama::MomentAxes)(columns, count, least_log_scale, splats);
}
#endif
