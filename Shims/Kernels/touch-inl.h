// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which cells of pixels may see a convex body: included once for each instruction set.

#if defined(DIORAMA_KERNELS_TOUCH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_TOUCH_INL_H
#undef DIORAMA_KERNELS_TOUCH_INL_H
#else
#define DIORAMA_KERNELS_TOUCH_INL_H
#endif

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include <hwy/highway.h>

#include "include/rays.h"
#include "tile.h"
#include "vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

constexpr float kSlack = 2e-6f;   // of lengths, for the rounding of planes
constexpr int kBundleTiles = 4;   // tiles across a bundle

// One splat, for the test against cells.
struct Ellipsoid {
  float mean[3], axes[3][3], q, slack;
};

// The cells, of those used, whose planes do not keep the ellipsoid out.
static uint32_t CellsTouched(const kernels_ray_cells& cells, const Ellipsoid& e, bool moving) {
  const Lanes d;
  const auto dot = [](const float* a, const float* b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  };
  float mean[3], variance[3] = {0, 0, 0}, covariance[2] = {0, 0};
  for (int i = 0; i < 3; ++i) mean[i] = dot(cells.frame + 3 * i, e.mean);
  for (int k = 0; k < 3; ++k) {
    float part[3];
    for (int i = 0; i < 3; ++i) part[i] = dot(cells.frame + 3 * i, e.axes[k]);
    for (int i = 0; i < 3; ++i) variance[i] += part[i] * part[i];
    for (int i = 0; i < 2; ++i) covariance[i] += part[i] * part[2];
  }
  uint32_t touched = 0;
  for (int first = 0; first < KERNELS_CELLS; first += int(hn::Lanes(d))) {
    auto inside = hn::FirstN(d, hn::Lanes(d));
    for (int plane = 0; plane < 4; ++plane) {
      const int axis = plane / 2;
      const float* column[4] = {cells.low_u, cells.high_u, cells.low_v, cells.high_v};
      const auto slope = hn::LoadU(d, column[plane] + first);
      // n = e - slope a of a low plane, the opposite of a high one.
      auto height = hn::NegMulAdd(slope, Constant(mean[2]), Constant(mean[axis]));
      if (plane & 1) height = hn::Neg(height);
      height = hn::Add(height, hn::MulAdd(hn::Abs(slope), Constant(e.slack), Constant(e.slack)));
      if (moving) height = hn::Add(height, hn::LoadU(d, cells.behind[plane] + first));
      // n^T Sigma n, with what rounding may have taken of it.
      const auto steep = hn::Mul(Constant(variance[2]), slope);
      const auto mixed = hn::MulAdd(Constant(-2 * covariance[axis]), slope,
                                    Constant(variance[axis] * (1 + kSlack)));
      const auto form = hn::MulAdd(hn::Mul(steep, Constant(1 + kSlack)), slope, mixed);
      const auto beyond = hn::Gt(hn::Mul(height, height), hn::Mul(Constant(e.q), form));
      inside = hn::AndNot(hn::And(hn::Lt(height, hn::Zero(d)), beyond), inside);
    }
    uint8_t bits[8] = {};
    hn::StoreMaskBits(d, inside, bits);
    const uint32_t mask = uint32_t(bits[0]) | uint32_t(bits[1]) << 8;
    touched |= (mask & ((1u << hn::Lanes(d)) - 1)) << first;
  }
  return (touched | cells.open) & cells.used;
}

// The blocks that a splat touches: their box, and which they are as long as they are few.
struct Touches {
  static constexpr int kMost = 16;
  int32_t count = 0;  // of tiles; the first kMost are listed
  int32_t x[kMost], y[kMost];
  uint32_t blocks[kMost];
  int32_t x0 = INT32_MAX, x1 = -1, y0 = INT32_MAX, y1 = -1;  // blocks

  void Add(int32_t tile_x, int32_t tile_y, uint32_t touched) {
    const uint32_t columns = (touched | touched >> 4 | touched >> 8 | touched >> 12) & 0xF;
    x0 = std::min(x0, tile_x * kBlocksAcross + __builtin_ctz(columns));
    x1 = std::max(x1, tile_x * kBlocksAcross + 31 - __builtin_clz(columns));
    y0 = std::min(y0, tile_y * kBlocksAcross + __builtin_ctz(touched) / kBlocksAcross);
    y1 = std::max(y1, tile_y * kBlocksAcross + (31 - __builtin_clz(touched)) / kBlocksAcross);
    if (count < kMost) x[count] = tile_x, y[count] = tile_y, blocks[count] = touched;
    ++count;
  }

  // See kernels_footprint; the window of a box that reaches out of it is not read.
  kernels_footprint Footprint(const kernels_camera* camera) const {
    kernels_footprint f{};
    f.box = kernels_box{uint16_t(x0 * kBlock),
                        uint16_t(std::min(x1 * kBlock + kBlock - 1, camera->width - 1)),
                        uint16_t(y0 * kBlock),
                        uint16_t(std::min(y1 * kBlock + kBlock - 1, camera->height - 1))};
    const int32_t left = x0 / kBlocksAcross, top = y0 / kBlocksAcross;
    for (int i = 0; i < std::min(count, kMost); ++i) {
      const int32_t dx = x[i] - left, dy = y[i] - top;
      if (dx < 2 && dy < 2) f.window[dx] |= blocks[i] << (16 * dy);
    }
    return f;
  }
};

static void Touch(const kernels_rays* rays, uint32_t bundle, const Ellipsoid& e, Touches* touches) {
  const bool moving = rays->lines != nullptr;
  const int32_t left = int32_t(bundle) % rays->bundle_columns * kBundleTiles;
  const int32_t top = int32_t(bundle) / rays->bundle_columns * kBundleTiles;
  for (uint32_t tiles = CellsTouched(rays->bundles[bundle], e, moving); tiles != 0;
       tiles &= tiles - 1) {
    const int i = __builtin_ctz(tiles);
    const int32_t x = left + i % kBundleTiles, y = top + i / kBundleTiles;
    const uint32_t blocks =
        CellsTouched(rays->tiles[size_t(y) * size_t(rays->tile_columns) + size_t(x)], e, moving);
    if (blocks != 0) touches->Add(x, y, blocks);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
