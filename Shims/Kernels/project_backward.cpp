// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The derivative of the projection: from the records' gradients to those of a cloud's columns.
//
// A block of splats is projected once more, and every step of project.cpp is undone from the last
// to the first. As there, the covariance on the image is that of the rows P, Q = J W M, and its
// determinant |P x Q|^2: the gradients of needles and coins are sums of like terms, not differences
// of large ones.
//
// M = R diag(s) turns by w x M where the splat turns by the small vector w: the gradient with w is
// the sum of M_k x g_M_k, and that with the quaternion q, of which only q / |q| counts, is
// 2 (0, w) q / |q|^2.
//
// Sketch of the limit, one splat with SH degree 3: 64 + 180 bytes of columns and 48 for each of its
// tiles in, 264 out and in and 16 in, 600 FLOP. Bound by memory: 85 ns at 10 GB/s. The columns in
// the cloud's order share no cache line where its neighbours lie elsewhere: ten lines of 64 bytes
// are then read and written, twice as much, unless the cloud is stored along the curve of the
// packing.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "project_backward.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "project_backward-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

constexpr int kNumbers = sizeof(kernels_record_gradient) / sizeof(float);

// The gradients of a block's records, column after column, in the order of the struct.
struct Incoming {
  HWY_ALIGN float columns[kNumbers][KERNELS_BLOCK];
};

// The basis of project.cpp, and its derivatives.
HWY_INLINE int ShBasis(Vector x, Vector y, Vector z, int count, Vector* basis, Vector3* slopes) {
  const auto zero = hn::Zero(Lanes());
  const auto c1 = Constant(0.48860251190292f), minus = Constant(-0.48860251190292f);
  basis[0] = hn::Mul(minus, y);
  basis[1] = hn::Mul(c1, z);
  basis[2] = hn::Mul(minus, x);
  slopes[0] = Vector3{zero, minus, zero};
  slopes[1] = Vector3{zero, zero, c1};
  slopes[2] = Vector3{minus, zero, zero};
  if (count < 8) return 3;
  const auto times = [](float c, Vector v) HWY_ATTR { return hn::Mul(Constant(c), v); };
  const auto xx = hn::Mul(x, x), yy = hn::Mul(y, y), zz = hn::Mul(z, z);
  const auto xy = hn::Mul(x, y), yz = hn::Mul(y, z), xz = hn::Mul(x, z);
  const auto difference = hn::Sub(xx, yy);
  constexpr float k2 = 1.092548430592079f;
  basis[3] = times(k2, xy);
  basis[4] = times(-k2, yz);
  basis[5] = hn::MulAdd(Constant(0.9461746957575601f), zz, Constant(-0.3153915652525201f));
  basis[6] = times(-k2, xz);
  basis[7] = times(0.5462742152960395f, difference);
  slopes[3] = Vector3{times(k2, y), times(k2, x), zero};
  slopes[4] = Vector3{zero, times(-k2, z), times(-k2, y)};
  slopes[5] = Vector3{zero, zero, times(2 * 0.9461746957575601f, z)};
  slopes[6] = Vector3{times(-k2, z), zero, times(-k2, x)};
  slopes[7] = Vector3{times(k2, x), times(-k2, y), zero};
  if (count < 15) return 8;
  constexpr float k3 = -0.5900435899266435f, k4 = 2.890611442640554f, k5 = 1.445305721320277f;
  constexpr float k6 = -2.285228997322329f, k7 = 1.865881662950577f;
  const auto three = Constant(3.0f);
  const auto band1 = hn::MulAdd(Constant(k6), zz, Constant(0.4570457994644658f));
  basis[8] = times(k3, hn::Mul(y, hn::Sub(hn::Mul(three, xx), yy)));
  basis[9] = times(k4, hn::Mul(xy, z));
  basis[10] = hn::Mul(band1, y);
  basis[11] = hn::Mul(z, hn::MulAdd(Constant(k7), zz, Constant(-1.119528997770346f)));
  basis[12] = hn::Mul(band1, x);
  basis[13] = times(k5, hn::Mul(z, difference));
  basis[14] = times(k3, hn::Mul(x, hn::Sub(xx, hn::Mul(three, yy))));
  slopes[8] = Vector3{times(6 * k3, xy), times(3 * k3, difference), zero};
  slopes[9] = Vector3{times(k4, yz), times(k4, xz), times(k4, xy)};
  slopes[10] = Vector3{zero, band1, times(2 * k6, yz)};
  slopes[11] = Vector3{zero, zero, hn::MulAdd(Constant(3 * k7), zz, Constant(-1.119528997770346f))};
  slopes[12] = Vector3{band1, zero, times(2 * k6, xz)};
  slopes[13] = Vector3{times(2 * k5, xz), times(-2 * k5, yz), times(k5, difference)};
  slopes[14] = Vector3{times(3 * k3, difference), times(-6 * k3, xy), zero};
  return 15;
}

// The colour's coefficients, and the position, for the direction that it is seen from.
HWY_INLINE void UndoColour(const kernels_camera* camera, const Path& path, const float* rest,
                           int rest_count, const Vector* colour, int lane, Vector3* position,
                           Outgoing* out) {
  const Lanes d;
  for (int c = 0; c < 3; ++c) {
    hn::Store(hn::Mul(Constant(kShConstant), colour[c]), d, out->sh0[c] + lane);
  }
  if (rest_count == 0) return;
  const Vector3 ray{hn::Sub(path.x, Constant(camera->eye[0])),
                    hn::Sub(path.y, Constant(camera->eye[1])),
                    hn::Sub(path.z, Constant(camera->eye[2]))};
  const auto inverse = hn::Div(Constant(1.0f), hn::Sqrt(Dot(ray, ray)));
  const Vector3 direction = Scaled(inverse, ray);
  Vector basis[kMaximumRest];
  Vector3 slopes[kMaximumRest];
  const int used = ShBasis(direction.x, direction.y, direction.z, rest_count, basis, slopes);
  Vector3 g{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (int k = 0; k < used; ++k, rest += 3 * KERNELS_BLOCK) {
    auto g_basis = hn::Zero(d);
    for (int c = 0; c < 3; ++c) {
      hn::Store(hn::Mul(basis[k], colour[c]), d, out->rest[3 * k + c] + lane);
      g_basis = hn::MulAdd(hn::LoadU(d, rest + c * KERNELS_BLOCK), colour[c], g_basis);
    }
    Add(g_basis, slopes[k], &g);
  }
  // A unit vector moves across itself.
  const auto radial = Dot(g, direction);
  Add(inverse, g, position);
  Add(hn::Neg(hn::Mul(inverse, radial)), direction, position);
}

HWY_INLINE void Undo(const kernels_splats* splats, const kernels_camera* camera, int block,
                     int lane, const Incoming& in, bool with_depth, Outgoing* out) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto given = [&](int i) HWY_ATTR { return hn::Load(d, in.columns[i] + lane); };
  const float* column = splats->geometry + size_t(block) * KERNELS_COLUMNS * KERNELS_BLOCK + lane;
  Path path;
  Project(camera, column, &path);
  const Vector3 none{zero, zero, zero};
  Sums sums{zero, zero, zero, zero, zero, zero, zero, given(5), none, none, none, none};
  const Vector mean[2] = {given(0), given(1)};
  const Vector factors[3] = {given(2), given(3), given(4)};
  const Vector slopes[2] = {given(10), given(11)};
  const Vector colour[3] = {given(6), given(7), given(8)};
  UndoFactors(path, factors, &sums);
  if (with_depth) UndoSlope(path, slopes, &sums);
  if (camera->antialiased) UndoCompensation(path, &sums);
  UndoCovariance(path, &sums);
  StoreShape(path, sums, lane, out);
  Vector3 position = UndoPosition(camera, path, sums, mean, given(9));
  const float* rest =
      splats->rest_count == 0
          ? nullptr
          : splats->rest + size_t(block) * 3 * splats->rest_count * KERNELS_BLOCK + lane;
  UndoColour(camera, path, rest, splats->rest_count, colour, lane, &position, out);
  hn::Store(position.x, d, out->position[0] + lane);
  hn::Store(position.y, d, out->position[1] + lane);
  hn::Store(position.z, d, out->position[2] + lane);
  // log2 o changes with the logit by (1 - o) / ln 2.
  const auto clear =
      hn::Neg(hn::Expm1(d, hn::Mul(hn::LoadU(d, column + 12 * KERNELS_BLOCK),
                                   Constant(1.0f / kLog2E))));
  hn::Store(hn::Mul(hn::Mul(clear, Constant(kLog2E)), sums.log2_opacity), d,
            out->opacity + lane);
}

// Adds up what the tiles say of a record; false when none has come to it.
HWY_INLINE bool Gather(const kernels_slots& slots, const kernels_tile_gradients* tiles,
                       float* sums) {
  bool is_reached = false;
  for (int i = 0; i < kNumbers; ++i) sums[i] = 0;
  for (uint32_t slot = slots.first; slot < slots.first + slots.count; ++slot) {
    if (!tiles->reached[slot]) continue;
    is_reached = true;
    float one[kNumbers];
    memcpy(one, tiles->gradients + slot, sizeof(one));
    for (int i = 0; i < kNumbers; ++i) sums[i] += one[i];
  }
  return is_reached;
}

// Adds a splat's gradients to the cloud's.
HWY_INLINE void Scatter(const Outgoing& out, int lane, int rest_count, size_t splat,
                        const kernels_cloud_gradients* cloud) {
  float* position = cloud->position_gradients + 4 * splat;
  float* scale = cloud->scale_gradients + 4 * splat;
  float* sh0 = cloud->sh0_gradients + 4 * splat;
  for (int i = 0; i < 3; ++i) {
    position[i] += out.position[i][lane];
    scale[i] += out.scale[i][lane];
    sh0[i] += out.sh0[i][lane];
  }
  cloud->opacity_gradients[splat] += out.opacity[lane];
  const float* q = cloud->rotations + 4 * splat;
  const float squared = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
  if (squared > 0 && squared < HUGE_VALF) {
    const float scale2 = 2.0f / squared;
    const float x = scale2 * out.turn[0][lane], y = scale2 * out.turn[1][lane];
    const float z = scale2 * out.turn[2][lane];
    float* rotation = cloud->rotation_gradients + 4 * splat;
    rotation[0] += -x * q[1] - y * q[2] - z * q[3];
    rotation[1] += x * q[0] + y * q[3] - z * q[2];
    rotation[2] += y * q[0] + z * q[1] - x * q[3];
    rotation[3] += z * q[0] + x * q[2] - y * q[1];
  }
  if (rest_count == 0) return;
  float* rest = cloud->rest_gradients + splat * size_t(cloud->rest_stride);
  for (int i = 0; i < 3 * rest_count; ++i) rest[i] += out.rest[i][lane];
}

// Takes the gathered gradients of a block's records through the projection.
HWY_INLINE void UndoBlock(const kernels_splats* splats, const kernels_camera* camera, int block,
                          uint32_t reached, bool with_depth, const Incoming& in,
                          const kernels_cloud_gradients* cloud) {
  Outgoing out;
  const int step = int(hn::Lanes(Lanes()));
  for (int lane = 0; lane < KERNELS_BLOCK; lane += step) {
    Undo(splats, camera, block, lane, in, with_depth, &out);
  }
  for (; reached != 0; reached &= reached - 1) {
    const int lane = __builtin_ctz(reached);
    const size_t place = size_t(block) * KERNELS_BLOCK + size_t(lane);
    Scatter(out, lane, splats->rest_count, splats->source_indices[place], cloud);
  }
}

HWY_INLINE bool IsReached(const kernels_slots& slots, const kernels_tile_gradients* tiles) {
  uint8_t any = 0;
  for (uint32_t i = 0; i < slots.count; ++i) any |= tiles->reached[slots.first + i];
  return any != 0;
}

// Asks for the memory of a splat's gradients, which lie all over the cloud's columns.
HWY_INLINE void Prefetch(size_t splat, const kernels_cloud_gradients* cloud) {
  __builtin_prefetch(cloud->rotations + 4 * splat);
  __builtin_prefetch(cloud->position_gradients + 4 * splat, 1);
  __builtin_prefetch(cloud->scale_gradients + 4 * splat, 1);
  __builtin_prefetch(cloud->rotation_gradients + 4 * splat, 1);
  __builtin_prefetch(cloud->opacity_gradients + splat, 1);
  __builtin_prefetch(cloud->sh0_gradients + 4 * splat, 1);
  if (cloud->rest_gradients == nullptr) return;
  constexpr int kLine = 16;
  const float* rest = cloud->rest_gradients + splat * size_t(cloud->rest_stride);
  for (int i = 0; i < cloud->rest_stride; i += kLine) __builtin_prefetch(rest + i, 1);
  __builtin_prefetch(rest + cloud->rest_stride - 1, 1);
}

static void ProjectBackward(const kernels_splats* splats, const kernels_camera* camera,
                            const kernels_record* records, int32_t first, int32_t end,
                            const kernels_slots* slots, const kernels_tile_gradients* tiles,
                            const kernels_cloud_gradients* cloud) {
  constexpr int32_t kSlotsAhead = 48, kSplatsAhead = 16;
  Incoming in;
  for (int32_t i = first; i < end;) {
    const uint32_t block = records[i].place / KERNELS_BLOCK;
    uint32_t reached = 0;
    bool with_depth = false;
    memset(&in, 0, sizeof(in));
    for (; i < end && records[i].place / KERNELS_BLOCK == block; ++i) {
      if (i + kSlotsAhead < end) {
        __builtin_prefetch(tiles->gradients + slots[i + kSlotsAhead].first);
        __builtin_prefetch(tiles->reached + slots[i + kSlotsAhead].first);
      }
      if (i + kSplatsAhead < end && IsReached(slots[i + kSplatsAhead], tiles)) {
        Prefetch(records[i + kSplatsAhead].source_index, cloud);
      }
      float sums[kNumbers];
      if (!Gather(slots[i], tiles, sums)) continue;
      const uint32_t lane = records[i].place % KERNELS_BLOCK;
      reached |= 1u << lane;
      with_depth = with_depth || sums[10] != 0 || sums[11] != 0;
      for (int k = 0; k < kNumbers; ++k) {
        // A colour that was cut at zero does not change.
        const bool is_cut = k >= 6 && k < 9 && !(records[i].colour[k - 6] > 0);
        in.columns[k][lane] = is_cut ? 0 : sums[k];
      }
    }
    if (reached != 0) UndoBlock(splats, camera, int(block), reached, with_depth, in, cloud);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(ProjectBackward);
}  // namespace diorama

extern "C" void kernels_project_backward(const kernels_splats* splats,
                                         const kernels_camera* camera,
                                         const kernels_record* records, int32_t first,
                                         int32_t end, const kernels_slots* slots,
                                         const kernels_tile_gradients* tiles,
                                         const kernels_cloud_gradients* cloud) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(ProjectBackward)(splats, camera, records, first, end, slots, tiles, cloud);
}
#endif
