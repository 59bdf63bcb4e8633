// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The rays of a tile's pixels, a vector at a time; included once for each instruction set.

#if defined(DIORAMA_KERNELS_RAYS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_RAYS_INL_H
#undef DIORAMA_KERNELS_RAYS_INL_H
#else
#define DIORAMA_KERNELS_RAYS_INL_H
#endif

#include <stddef.h>
#include <stdint.h>

#include <hwy/highway.h>

#include "include/rays.h"
#include "tile.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// Of pixels `at` and on of a tile, in the order of TileIndex.
struct RayLanes {
  using Lanes = hwy::HWY_NAMESPACE::CappedTag<float, kBlockPixels>;
  using Vector = hwy::HWY_NAMESPACE::Vec<Lanes>;
  Vector direction[3];  // unit, in the view; 0 where a pixel sees nothing
  Vector origin[3];     // in the view, metres; set when the rays have lines
  Vector depth_scale;   // what a metre along the ray adds to the depth
};

// Where the lines of pixels `at` and on are described, as places of floats in rays->lines.
HWY_INLINE hwy::HWY_NAMESPACE::Vec<hwy::HWY_NAMESPACE::RebindToSigned<RayLanes::Lanes>> LinesOf(
    const kernels_rays* rays, int32_t tile, int at) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<RayLanes::Lanes> di;
  // The line of each lane, which may lie beyond the image's last: those pixels are 0.
  const int block = at / kBlockPixels;
  const int32_t left = tile % rays->tile_columns * KERNELS_TILE + block % kBlocksAcross * kBlock;
  const int32_t top = tile / rays->tile_columns * KERNELS_TILE + block / kBlocksAcross * kBlock;
  const auto lane = hn::Iota(di, at % kBlockPixels);
  const auto x = hn::Add(hn::And(lane, hn::Set(di, kBlock - 1)), hn::Set(di, left));
  const auto y = hn::Add(hn::ShiftRight<2>(lane), hn::Set(di, top));
  const auto last = hn::Set(di, rays->line_count - 1);
  return hn::Mul(hn::Min(rays->lines_are_columns ? x : y, last), hn::Set(di, 12));
}

// Turns directions of the camera's frame into the view, each by its line.
template <class Lines>
HWY_INLINE void TurnByLines(const kernels_rays* rays, Lines lines, RayLanes::Vector* direction) {
  namespace hn = hwy::HWY_NAMESPACE;
  const RayLanes::Lanes d;
  const auto entry = [&](int i) HWY_ATTR { return hn::GatherIndex(d, rays->lines + i, lines); };
  RayLanes::Vector turned[3];
  for (int k = 0; k < 3; ++k) {
    const auto z = hn::Mul(entry(3 * k + 2), direction[2]);
    const auto yz = hn::MulAdd(entry(3 * k + 1), direction[1], z);
    turned[k] = hn::MulAdd(entry(3 * k), direction[0], yz);
  }
  for (int k = 0; k < 3; ++k) direction[k] = turned[k];
}

HWY_INLINE RayLanes LoadRays(const kernels_rays* rays, int32_t tile, int at) {
  namespace hn = hwy::HWY_NAMESPACE;
  const RayLanes::Lanes d;
  const float* column = rays->directions + size_t(tile) * 4 * kTilePixels + at;
  RayLanes lanes;
  for (int k = 0; k < 3; ++k) lanes.direction[k] = hn::Load(d, column + k * kTilePixels);
  lanes.depth_scale = hn::Load(d, column + 3 * kTilePixels);
  if (rays->lines == nullptr) return lanes;
  const auto lines = LinesOf(rays, tile, at);
  TurnByLines(rays, lines, lanes.direction);
  for (int k = 0; k < 3; ++k) lanes.origin[k] = hn::GatherIndex(d, rays->lines + 9 + k, lines);
  return lanes;
}

// How the direction changes from pixels `at` and on to those beside them, which lie in the same
// pair of columns or, where `step` is not 1 but kBlock, of rows; 0 where there is no ray. The
// camera stands as it does for the pixel itself.
HWY_INLINE void RayStep(const kernels_rays* rays, int32_t tile, int at, int step,
                        RayLanes::Vector* change) {
  namespace hn = hwy::HWY_NAMESPACE;
  const RayLanes::Lanes d;
  const hn::RebindToSigned<RayLanes::Lanes> di;
  const float* column = rays->directions + size_t(tile) * 4 * kTilePixels;
  const auto beside = hn::Xor(hn::Iota(di, at), hn::Set(di, step));
  auto square = hn::Zero(d);
  for (int k = 0; k < 3; ++k) {
    const auto other = hn::GatherIndex(d, column + k * kTilePixels, beside);
    square = hn::MulAdd(other, other, square);
    change[k] = hn::Sub(other, hn::Load(d, column + k * kTilePixels + at));
  }
  const auto is_seen = hn::Gt(square, hn::Zero(d));
  for (int k = 0; k < 3; ++k) change[k] = hn::IfThenElseZero(is_seen, change[k]);
  if (rays->lines != nullptr) TurnByLines(rays, LinesOf(rays, tile, at), change);
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
