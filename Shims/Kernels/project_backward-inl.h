// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The steps of project.cpp for a vector of splats, and their derivatives; see project_backward.cpp.
//
// A name with g_ is the gradient of the loss with what is behind the g_.

// Included once for each instruction set: the guard flips.
#if defined(DIORAMA_KERNELS_PROJECT_BACKWARD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_PROJECT_BACKWARD_INL_H
#undef DIORAMA_KERNELS_PROJECT_BACKWARD_INL_H
#else
#define DIORAMA_KERNELS_PROJECT_BACKWARD_INL_H
#endif

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "include/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_BLOCK>;
using Vector = hn::Vec<Lanes>;

// These are project.cpp's.
constexpr float kBlur = 0.3f;
constexpr float kLog2E = 1.44269504089f;
constexpr float kLog2Of255 = 7.99435343686f;
constexpr float kSlopeFloor = 0.01f;
constexpr float kSlopeRelativeFloor = 1e-5f;
constexpr float kDepthReach = 5.0f;
constexpr float kRelativeReach = 0.5f;
constexpr float kLeastCompensation = 2.5e-5f;

constexpr float kShConstant = 0.282094791774f;
constexpr int kMaximumRest = 15;
// The gradients of a block's splats.
struct Outgoing {
  HWY_ALIGN float position[3][KERNELS_BLOCK];
  HWY_ALIGN float scale[3][KERNELS_BLOCK];  // of the logarithms
  HWY_ALIGN float turn[3][KERNELS_BLOCK];   // with a small rotation about the world's axes
  HWY_ALIGN float opacity[KERNELS_BLOCK];   // of the logit
  HWY_ALIGN float sh0[3][KERNELS_BLOCK];
  HWY_ALIGN float rest[3 * kMaximumRest][KERNELS_BLOCK];
};

struct Vector3 {
  Vector x, y, z;
};

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

HWY_INLINE Vector Affine(const float* row, Vector x, Vector y, Vector z, float offset) {
  auto sum = hn::MulAdd(Constant(row[2]), z, Constant(offset));
  sum = hn::MulAdd(Constant(row[1]), y, sum);
  return hn::MulAdd(Constant(row[0]), x, sum);
}

HWY_INLINE Vector Dot(const Vector3& a, const Vector3& b) {
  return hn::MulAdd(a.x, b.x, hn::MulAdd(a.y, b.y, hn::Mul(a.z, b.z)));
}

HWY_INLINE Vector Dot(const Vector3& a, const float* b) {
  return hn::MulAdd(a.x, Constant(b[0]),
                    hn::MulAdd(a.y, Constant(b[1]), hn::Mul(a.z, Constant(b[2]))));
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

HWY_INLINE void Add(Vector factor, const Vector3& a, Vector3* sum) {
  sum->x = hn::MulAdd(factor, a.x, sum->x);
  sum->y = hn::MulAdd(factor, a.y, sum->y);
  sum->z = hn::MulAdd(factor, a.z, sum->z);
}

HWY_INLINE Vector3 Scaled(Vector factor, const Vector3& a) {
  return Vector3{hn::Mul(factor, a.x), hn::Mul(factor, a.y), hn::Mul(factor, a.z)};
}

// What the projection of a vector of splats goes through, see project.cpp.
struct Path {
  Vector x, y, z;            // in the world, metres
  Vector depth, inverse_z;
  Vector slope_x, slope_y;
  Vector inside_x, inside_y;  // 1 where the slope is not clamped, else 0
  Vector3 u, v, w;           // the rows of J W, and of W / z
  Vector3 axes[3];           // the columns of M
  Vector3 p, q, r;           // u, v and w times M
  Vector3 normal;            // p x q
  Vector sharp_xx, sharp_yy, sharp_xy, sharp_determinant;
  Vector xx, yy, determinant;  // blurred
  Vector log2_opacity;         // compensated
};

// The gradients of what several parts of a record depend on.
struct Sums {
  Vector xx, xy, yy;          // of the blurred covariance,
  Vector determinant;         // of its determinant,
  Vector sharp_determinant;   // of that before the blur
  Vector sharp_xx, sharp_yy;  // of its trace
  Vector log2_opacity;
  Vector3 p, q, r, normal;
};

HWY_INLINE Vector3 TimesAxes(const Vector3& row, const Vector3* axes) {
  return Vector3{Dot(row, axes[0]), Dot(row, axes[1]), Dot(row, axes[2])};
}

HWY_INLINE Vector3 AxesTimes(const Vector3* axes, const Vector3& column) {
  Vector3 sum = Scaled(column.x, axes[0]);
  Add(column.y, axes[1], &sum);
  Add(column.z, axes[2], &sum);
  return sum;
}

HWY_INLINE Vector Clamped(Vector slope, float least, float most, Vector* inside) {
  const auto low = Constant(least), high = Constant(most);
  *inside = hn::IfThenElseZero(hn::And(hn::Ge(slope, low), hn::Le(slope, high)), Constant(1.0f));
  return hn::Min(hn::Max(slope, low), high);
}

HWY_INLINE Vector CompensationRatio(const Path& path) {
  return hn::Div(path.sharp_determinant, path.determinant);
}

HWY_INLINE void Project(const kernels_camera* camera, const float* column, Path* path) {
  const Lanes d;
  const auto load = [&](int i) HWY_ATTR { return hn::LoadU(d, column + i * KERNELS_BLOCK); };
  const float *r = camera->rotation, *t = camera->translation;
  path->x = load(0);
  path->y = load(1);
  path->z = load(2);
  for (int k = 0; k < 3; ++k) {
    path->axes[k] = Vector3{load(3 + 3 * k), load(4 + 3 * k), load(5 + 3 * k)};
  }
  path->depth = Affine(r + 6, path->x, path->y, path->z, t[2]);
  path->inverse_z = hn::Div(Constant(1.0f), path->depth);
  path->slope_x = hn::Mul(Affine(r, path->x, path->y, path->z, t[0]), path->inverse_z);
  path->slope_y = hn::Mul(Affine(r + 3, path->x, path->y, path->z, t[1]), path->inverse_z);
  const auto tx = Clamped(path->slope_x, camera->minimum_slope[0], camera->maximum_slope[0],
                          &path->inside_x);
  const auto ty = Clamped(path->slope_y, camera->minimum_slope[1], camera->maximum_slope[1],
                          &path->inside_y);
  const auto kx = hn::Mul(Constant(camera->focal[0]), path->inverse_z);
  const auto ky = hn::Mul(Constant(camera->focal[1]), path->inverse_z);
  const auto row = [&](Vector k, Vector slope, const float* across) HWY_ATTR {
    const auto entry = [&](int i) HWY_ATTR {
      return hn::Mul(k, hn::NegMulAdd(slope, Constant(r[6 + i]), Constant(across[i])));
    };
    return Vector3{entry(0), entry(1), entry(2)};
  };
  path->u = row(kx, tx, r);
  path->v = row(ky, ty, r + 3);
  path->w = Vector3{hn::Mul(path->inverse_z, Constant(r[6])),
                    hn::Mul(path->inverse_z, Constant(r[7])),
                    hn::Mul(path->inverse_z, Constant(r[8]))};
  path->p = TimesAxes(path->u, path->axes);
  path->q = TimesAxes(path->v, path->axes);
  path->r = TimesAxes(path->w, path->axes);
  path->normal = Cross(path->p, path->q);
  path->sharp_xx = Dot(path->p, path->p);
  path->sharp_yy = Dot(path->q, path->q);
  path->sharp_xy = Dot(path->p, path->q);
  path->sharp_determinant = Dot(path->normal, path->normal);
  const auto blur = Constant(kBlur);
  path->xx = hn::Add(path->sharp_xx, blur);
  path->yy = hn::Add(path->sharp_yy, blur);
  path->determinant = hn::MulAdd(blur, hn::Add(path->sharp_xx, path->yy), path->sharp_determinant);
  path->log2_opacity = load(12);
  if (camera->antialiased) {
    const auto ratio = hn::Max(CompensationRatio(*path), Constant(kLeastCompensation));
    path->log2_opacity =
        hn::MulAdd(Constant(0.5f), hn::Log2(d, ratio), path->log2_opacity);
  }
}

// With h = xy / yy the factors are a = sqrt(k yy / determinant), b = -a h and c = sqrt(k / yy).
HWY_INLINE void UndoFactors(const Path& path, const Vector* factors, Sums* sums) {
  const auto half = Constant(0.5f), k = Constant(0.5f * kLog2E);
  const auto inverse_yy = hn::Div(Constant(1.0f), path.yy);
  const auto inverse_determinant = hn::Div(Constant(1.0f), path.determinant);
  const auto a = hn::Sqrt(hn::Mul(hn::Mul(k, path.yy), inverse_determinant));
  const auto h = hn::Mul(path.sharp_xy, inverse_yy);
  const auto c = hn::Sqrt(hn::Mul(k, inverse_yy));
  const auto g_h = hn::Neg(hn::Mul(a, factors[1]));
  const auto g_log_a = hn::Mul(hn::Mul(half, a), hn::NegMulAdd(h, factors[1], factors[0]));
  const auto g_log_yy =
      hn::NegMulAdd(g_h, h, hn::NegMulAdd(hn::Mul(half, c), factors[2], g_log_a));
  sums->xy = hn::MulAdd(g_h, inverse_yy, sums->xy);
  sums->yy = hn::MulAdd(g_log_yy, inverse_yy, sums->yy);
  sums->determinant = hn::NegMulAdd(g_log_a, inverse_determinant, sums->determinant);
}

HWY_INLINE void UndoSlope(const Path& path, const Vector* slopes, Sums* sums) {
  const Lanes d;
  const auto zero = hn::Zero(d), one = Constant(1.0f), two = Constant(2.0f);
  // The slope before it is reduced, as in project.cpp.
  const auto along = Dot(path.p, path.r), down = Dot(path.q, path.r);
  const auto variance = Dot(path.r, path.r);
  const auto sharp_trace = hn::Add(path.sharp_xx, path.sharp_yy);
  const auto trace = hn::Add(path.xx, path.yy);
  const auto floor = hn::MulAdd(trace, Constant(kSlopeRelativeFloor), Constant(kSlopeFloor));
  const auto inverse = hn::Div(
      one, hn::MulAdd(floor, hn::Add(sharp_trace, floor), path.sharp_determinant));
  const auto whole_x = hn::Mul(
      hn::MulAdd(floor, along, Dot(path.normal, Cross(path.r, path.q))), inverse);
  const auto whole_y = hn::Mul(
      hn::MulAdd(floor, down, Dot(path.normal, Cross(path.p, path.r))), inverse);
  const auto whole_form = hn::MulAdd(
      whole_x, hn::MulAdd(path.xx, whole_x, hn::Mul(path.sharp_xy, whole_y)),
      hn::Mul(whole_y, hn::MulAdd(path.sharp_xy, whole_x, hn::Mul(path.yy, whole_y))));
  const auto radius = hn::Mul(hn::Add(path.log2_opacity, Constant(kLog2Of255)),
                              Constant(2.0f / kLog2E));
  const auto change = hn::Sqrt(hn::Mul(radius, whole_form));
  const auto usable = hn::And(hn::Ge(variance, zero), hn::Lt(change, Constant(1e18f)));
  // Of a splat too large for floats the slope counts as none.
  const auto masked = [&](Vector v) HWY_ATTR { return hn::IfThenElseZero(usable, v); };
  const auto x = masked(whole_x), y = masked(whole_y), form = masked(whole_form);
  const Vector3 r{masked(path.r.x), masked(path.r.y), masked(path.r.z)};
  const auto rq = Cross(r, path.q), pr = Cross(path.p, r);
  const auto cov_x = hn::MulAdd(path.xx, x, hn::Mul(path.sharp_xy, y));
  const auto cov_y = hn::MulAdd(path.sharp_xy, x, hn::Mul(path.yy, y));
  const auto deviation = hn::Mul(Constant(kDepthReach), hn::Sqrt(variance));
  const auto limit = hn::Min(Constant(kRelativeReach), deviation);

  // What is kept of it is limit / change.
  const auto reduced = hn::And(usable, hn::Gt(change, limit));
  const auto kept = hn::IfThenElse(reduced, hn::Div(limit, change), one);
  auto g_x = masked(hn::Mul(kept, slopes[0]));
  auto g_y = masked(hn::Mul(kept, slopes[1]));
  const auto g_log_kept =
      hn::IfThenElseZero(reduced, hn::MulAdd(g_x, x, hn::Mul(g_y, y)));
  const auto by_deviation = hn::Lt(deviation, Constant(kRelativeReach));
  const auto g_variance = hn::IfThenElseZero(
      hn::And(reduced, by_deviation), hn::Div(g_log_kept, hn::Mul(two, variance)));
  const auto g_form =
      hn::IfThenElseZero(reduced, hn::Neg(hn::Div(g_log_kept, hn::Mul(two, form))));
  const auto g_radius =
      hn::IfThenElseZero(reduced, hn::Neg(hn::Div(g_log_kept, hn::Mul(two, radius))));
  sums->log2_opacity = hn::MulAdd(g_radius, Constant(2.0f / kLog2E), sums->log2_opacity);
  sums->xx = hn::MulAdd(g_form, hn::Mul(x, x), sums->xx);
  sums->xy = hn::MulAdd(g_form, hn::Mul(two, hn::Mul(x, y)), sums->xy);
  sums->yy = hn::MulAdd(g_form, hn::Mul(y, y), sums->yy);
  g_x = hn::MulAdd(hn::Mul(two, g_form), cov_x, g_x);
  g_y = hn::MulAdd(hn::Mul(two, g_form), cov_y, g_y);

  // The quotient.
  const auto n_x = masked(hn::Mul(g_x, inverse)), n_y = masked(hn::Mul(g_y, inverse));
  const auto g_below = hn::Neg(hn::MulAdd(n_x, x, hn::Mul(n_y, y)));
  const auto g_floor = hn::MulAdd(
      g_below, hn::MulAdd(two, floor, sharp_trace),
      masked(hn::MulAdd(n_x, along, hn::Mul(n_y, down))));
  const auto g_trace = hn::MulAdd(g_floor, Constant(kSlopeRelativeFloor), hn::Mul(g_below, floor));
  sums->sharp_determinant = hn::Add(sums->sharp_determinant, g_below);
  sums->sharp_xx = hn::Add(sums->sharp_xx, g_trace);
  sums->sharp_yy = hn::Add(sums->sharp_yy, g_trace);
  const auto g_along = hn::Mul(n_x, floor), g_down = hn::Mul(n_y, floor);
  Add(g_along, r, &sums->p);
  Add(g_down, r, &sums->q);
  Add(g_along, path.p, &sums->r);
  Add(g_down, path.q, &sums->r);
  Add(hn::Mul(two, g_variance), r, &sums->r);
  // normal . (r x q) and normal . (p x r): products of three that may be turned around.
  Add(n_x, rq, &sums->normal);
  Add(n_x, Cross(path.q, path.normal), &sums->r);
  Add(n_x, Cross(path.normal, r), &sums->q);
  Add(n_y, pr, &sums->normal);
  Add(n_y, Cross(r, path.normal), &sums->p);
  Add(n_y, Cross(path.normal, path.p), &sums->r);
}

HWY_INLINE void UndoCompensation(const Path& path, Sums* sums) {
  const auto ratio = CompensationRatio(path);
  const auto varies = hn::Gt(ratio, Constant(kLeastCompensation));
  const auto g_log =
      hn::IfThenElseZero(varies, hn::Mul(Constant(0.5f * kLog2E), sums->log2_opacity));
  const auto g_sharp = hn::IfThenElseZero(varies, hn::Div(g_log, path.sharp_determinant));
  sums->sharp_determinant = hn::Add(sums->sharp_determinant, g_sharp);
  sums->determinant = hn::Sub(sums->determinant, hn::Div(g_log, path.determinant));
}

// From the covariance's gradients to those of the rows p and q.
HWY_INLINE void UndoCovariance(const Path& path, Sums* sums) {
  const auto two = Constant(2.0f), blur = Constant(kBlur);
  Add(hn::Mul(two, hn::Add(sums->determinant, sums->sharp_determinant)), path.normal,
      &sums->normal);
  const auto one = Constant(1.0f);
  const auto g_xx = hn::Add(hn::MulAdd(blur, sums->determinant, sums->xx), sums->sharp_xx);
  const auto g_yy = hn::Add(hn::MulAdd(blur, sums->determinant, sums->yy), sums->sharp_yy);
  Add(hn::Mul(two, g_xx), path.p, &sums->p);
  Add(sums->xy, path.q, &sums->p);
  Add(hn::Mul(two, g_yy), path.q, &sums->q);
  Add(sums->xy, path.p, &sums->q);
  Add(one, Cross(path.q, sums->normal), &sums->p);
  Add(one, Cross(sums->normal, path.p), &sums->q);
}

HWY_INLINE void StoreShape(const Path& path, const Sums& sums, int lane, Outgoing* out) {
  const Lanes d;
  const auto part = [](const Vector3& v, int k) HWY_ATTR {
    return k == 0 ? v.x : k == 1 ? v.y : v.z;
  };
  Vector3 turn{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (int k = 0; k < 3; ++k) {
    Vector3 g = Scaled(part(sums.p, k), path.u);
    Add(part(sums.q, k), path.v, &g);
    Add(part(sums.r, k), path.w, &g);
    hn::Store(Dot(g, path.axes[k]), d, out->scale[k] + lane);
    Add(Constant(1.0f), Cross(path.axes[k], g), &turn);
  }
  for (int i = 0; i < 3; ++i) hn::Store(part(turn, i), d, out->turn[i] + lane);
}

// From the gradients of the rows u, v, w, of the mean and of the depth to that of the position.
HWY_INLINE Vector3 UndoPosition(const kernels_camera* camera, const Path& path, const Sums& sums,
                                const Vector* mean, Vector g_depth) {
  const float* r = camera->rotation;
  const auto g_u = AxesTimes(path.axes, sums.p), g_v = AxesTimes(path.axes, sums.q);
  const auto g_w = AxesTimes(path.axes, sums.r);
  const auto fx = Constant(camera->focal[0]), fy = Constant(camera->focal[1]);
  const auto kx = hn::Mul(fx, path.inverse_z), ky = hn::Mul(fy, path.inverse_z);
  const auto g_tx = hn::Neg(hn::Mul(kx, Dot(g_u, r + 6)));
  const auto g_ty = hn::Neg(hn::Mul(ky, Dot(g_v, r + 6)));
  const auto g_sx = hn::MulAdd(fx, mean[0], hn::Mul(path.inside_x, g_tx));
  const auto g_sy = hn::MulAdd(fy, mean[1], hn::Mul(path.inside_y, g_ty));
  // u, v and w are proportional to 1 / z, and so are the slopes.
  auto g_log_z = hn::Add(Dot(g_u, path.u), hn::Add(Dot(g_v, path.v), Dot(g_w, path.w)));
  g_log_z = hn::MulAdd(g_sx, path.slope_x, hn::MulAdd(g_sy, path.slope_y, g_log_z));
  const auto g_x = hn::Mul(g_sx, path.inverse_z), g_y = hn::Mul(g_sy, path.inverse_z);
  const auto g_z = hn::NegMulAdd(g_log_z, path.inverse_z, g_depth);
  const auto turned = [&](int i) HWY_ATTR {
    return hn::MulAdd(Constant(r[i]), g_x,
                      hn::MulAdd(Constant(r[3 + i]), g_y, hn::Mul(Constant(r[6 + i]), g_z)));
  };
  return Vector3{turned(0), turned(1), turned(2)};
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
