// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Between which planes the rays of cells of pixels run.
//
// Once for a camera that stands still, else once a picture: two passes over all rays, 12 and 16
// operations a ray, so 307 200 of them cost an AVX-512 core 0.5 ms.

#include <math.h>
#include <stdint.h>

#include <algorithm>

#include "include/rays.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bound_rays.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rays-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = RayLanes::Lanes;
using Vector = RayLanes::Vector;
using Mask = hn::Mask<Lanes>;

constexpr int kBundleTiles = 4;           // tiles across a bundle
constexpr float kLeastCosine = 0.05f;     // of a ray and its cell's axis
constexpr float kSlack = 1e-6f;           // relative, for the rounding of slopes and planes
static_assert(kBlocks == KERNELS_CELLS && kBundleTiles * kBundleTiles == KERNELS_CELLS, "");

HWY_INLINE Vector Dot(const float* a, const Vector* b) {
  const Lanes d;
  return hn::MulAdd(hn::Set(d, a[0]), b[0],
                    hn::MulAdd(hn::Set(d, a[1]), b[1], hn::Mul(hn::Set(d, a[2]), b[2])));
}

HWY_INLINE Mask SeesSomething(const RayLanes& rays) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto* r = rays.direction;
  return hn::Or(hn::Ne(r[0], zero), hn::Or(hn::Ne(r[1], zero), hn::Ne(r[2], zero)));
}

HWY_INLINE float Sum(Vector v) { return hn::GetLane(hn::SumOfLanes(Lanes(), v)); }
HWY_INLINE float Least(Vector v) { return hn::GetLane(hn::MinOfLanes(Lanes(), v)); }
HWY_INLINE float Most(Vector v) { return hn::GetLane(hn::MaxOfLanes(Lanes(), v)); }

// The sum of some rays' directions, and the same weighted by the column's place.
struct Heading {
  float sum[3] = {0, 0, 0}, across[3] = {0, 0, 0};
};

static void AddTile(const kernels_rays* rays, int32_t tile, float first_column, Heading* h) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> di;
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const RayLanes lanes = LoadRays(rays, tile, at);
    const auto lane = hn::And(hn::Iota(di, at % kBlockPixels), hn::Set(di, kBlock - 1));
    const float block_x = float(at / kBlockPixels % kBlocksAcross * kBlock);
    const auto x = hn::Add(hn::ConvertTo(d, lane), hn::Set(d, first_column + block_x));
    for (int k = 0; k < 3; ++k) {
      h->sum[k] += Sum(lanes.direction[k]);
      h->across[k] += Sum(hn::Mul(lanes.direction[k], x));
    }
  }
}

static float DotOf(const float* a, const float* b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static bool Normalise(float* v) {
  const float square = DotOf(v, v);
  if (!(square > 1e-12f)) return false;
  for (int k = 0; k < 3; ++k) v[k] /= sqrtf(square);
  return true;
}

// A frame whose axis is the middle of the rays, with e1 about along the image's rows.
static void SetFrame(const Heading& h, float* frame) {
  float axis[3] = {h.sum[0], h.sum[1], h.sum[2]};
  if (!Normalise(axis)) axis[0] = axis[1] = 0, axis[2] = 1;
  float e1[3];
  for (int k = 0; k < 3; ++k) e1[k] = h.across[k] - axis[k] * DotOf(h.across, axis);
  if (!Normalise(e1)) {
    const bool steep = fabsf(axis[0]) > 0.7f;
    for (int k = 0; k < 3; ++k) e1[k] = (k == (steep ? 1 : 0)) - axis[k] * axis[steep ? 1 : 0];
    Normalise(e1);
  }
  for (int k = 0; k < 3; ++k) {
    frame[k] = e1[k];
    frame[3 + k] = axis[(k + 1) % 3] * e1[(k + 2) % 3] - axis[(k + 2) % 3] * e1[(k + 1) % 3];
    frame[6 + k] = axis[k];
  }
}

// The slopes of some rays in a frame.
struct Slopes {
  float low[2] = {HUGE_VALF, HUGE_VALF}, high[2] = {-HUGE_VALF, -HUGE_VALF};
  bool used = false, open = false;
};

HWY_INLINE void AddRays(const RayLanes& rays, const float* frame, Slopes* s) {
  const Lanes d;
  const auto seen = SeesSomething(rays);
  if (hn::AllFalse(d, seen)) return;
  s->used = true;
  const auto along = Dot(frame + 6, rays.direction);
  const auto around = hn::Ge(along, hn::Set(d, kLeastCosine));
  if (!hn::AllFalse(d, hn::AndNot(around, seen))) s->open = true;
  const auto counted = hn::And(seen, around);
  for (int axis = 0; axis < 2; ++axis) {
    const auto slope = hn::Div(Dot(frame + 3 * axis, rays.direction), along);
    const auto infinity = hn::Set(d, HUGE_VALF);
    s->low[axis] =
        std::min(s->low[axis], Least(hn::IfThenElse(counted, slope, infinity)));
    s->high[axis] =
        std::max(s->high[axis], Most(hn::IfThenElse(counted, slope, hn::Neg(infinity))));
  }
}

// The normal of a cell's plane: 0 low_u, 1 high_u, 2 low_v, 3 high_v.
static void PlaneOf(const float* frame, const Slopes& s, int plane, float* normal) {
  const bool high = plane & 1;
  const int axis = plane / 2;
  const float slope = high ? s.high[axis] : s.low[axis];
  for (int k = 0; k < 3; ++k) {
    const float value = frame[3 * axis + k] - slope * frame[6 + k];
    normal[k] = high ? -value : value;
  }
}

// The rays of one cell: a block of a tile, or a whole tile.
struct Cell {
  int32_t tile;
  int first, count;  // pixels, in the order of TileIndex
};

// The largest distance behind a plane of the origins of a cell's rays; negative when all lie before
// it, -infinity without rays.
static float BehindOf(const kernels_rays* rays, const Cell& cell, const float* normal) {
  const Lanes d;
  auto least = hn::Set(d, HUGE_VALF);
  for (int at = cell.first; at < cell.first + cell.count; at += int(hn::Lanes(d))) {
    const RayLanes lanes = LoadRays(rays, cell.tile, at);
    const auto height = Dot(normal, lanes.origin);
    least = hn::IfThenElse(SeesSomething(lanes), hn::Min(least, height), least);
  }
  const float behind = -Least(least);
  return behind + kSlack * fabsf(behind);
}

static void BoundCell(const kernels_rays* rays, const Cell& cell, int index,
                      kernels_ray_cells* cells) {
  Slopes slopes;
  for (int at = cell.first; at < cell.first + cell.count; at += int(hn::Lanes(Lanes()))) {
    AddRays(LoadRays(rays, cell.tile, at), cells->frame, &slopes);
  }
  if (!slopes.used) return;
  cells->used |= 1u << index;
  if (slopes.open) {
    cells->open |= 1u << index;
    return;
  }
  for (int axis = 0; axis < 2; ++axis) {
    slopes.low[axis] -= kSlack * (1 + fabsf(slopes.low[axis]));
    slopes.high[axis] += kSlack * (1 + fabsf(slopes.high[axis]));
  }
  cells->low_u[index] = slopes.low[0], cells->high_u[index] = slopes.high[0];
  cells->low_v[index] = slopes.low[1], cells->high_v[index] = slopes.high[1];
  for (int plane = 0; rays->lines && plane < 4; ++plane) {
    float normal[3];
    PlaneOf(cells->frame, slopes, plane, normal);
    cells->behind[plane][index] = BehindOf(rays, cell, normal);
  }
}

// The tiles of a bundle, row-major in 4 x 4; -1 beyond the image.
static void TilesOfBundle(const kernels_rays* rays, int32_t bundle, int32_t* tiles) {
  const int32_t left = bundle % rays->bundle_columns * kBundleTiles;
  const int32_t top = bundle / rays->bundle_columns * kBundleTiles;
  for (int i = 0; i < KERNELS_CELLS; ++i) {
    const int32_t x = left + i % kBundleTiles, y = top + i / kBundleTiles;
    const bool inside = x < rays->tile_columns && y < rays->tile_rows;
    tiles[i] = inside ? y * rays->tile_columns + x : -1;
  }
}

// The planes around all of a bundle's tiles, from their slopes.
static void JoinTiles(const kernels_rays* rays, const int32_t* tiles,
                      const kernels_ray_cells& cells, kernels_ray_planes* planes) {
  *planes = kernels_ray_planes{};
  planes->used = cells.used != 0;
  if (cells.used == 0 || cells.open != 0) return;
  Slopes all;
  for (uint32_t left = cells.used; left != 0; left &= left - 1) {
    const int i = __builtin_ctz(left);
    all.low[0] = std::min(all.low[0], cells.low_u[i]);
    all.high[0] = std::max(all.high[0], cells.high_u[i]);
    all.low[1] = std::min(all.low[1], cells.low_v[i]);
    all.high[1] = std::max(all.high[1], cells.high_v[i]);
  }
  for (int plane = 0; plane < 4; ++plane) {
    float* normal = planes->normal[plane];
    PlaneOf(cells.frame, all, plane, normal);
    const float length = sqrtf(DotOf(normal, normal));
    for (int k = 0; k < 3; ++k) normal[k] /= length;
    if (rays->lines == nullptr) continue;
    float behind = -HUGE_VALF;
    for (uint32_t left = cells.used; left != 0; left &= left - 1) {
      const Cell cell{tiles[__builtin_ctz(left)], 0, kTilePixels};
      behind = std::max(behind, BehindOf(rays, cell, normal));
    }
    planes->behind[plane] = behind;
  }
}

static void BoundBundle(const kernels_rays* rays, int32_t bundle) {
  int32_t tiles[KERNELS_CELLS];
  TilesOfBundle(rays, bundle, tiles);
  kernels_ray_cells& cells = rays->bundles[bundle];
  cells = kernels_ray_cells{};
  Heading all;
  for (int i = 0; i < KERNELS_CELLS; ++i) {
    if (tiles[i] < 0) continue;
    kernels_ray_cells& blocks = rays->tiles[tiles[i]];
    blocks = kernels_ray_cells{};
    Heading heading;
    AddTile(rays, tiles[i], -0.5f * (KERNELS_TILE - 1), &heading);
    SetFrame(heading, blocks.frame);
    for (int block = 0; block < kBlocks; ++block) {
      BoundCell(rays, Cell{tiles[i], block * kBlockPixels, kBlockPixels}, block, &blocks);
    }
    const float place = float(i % kBundleTiles) - 0.5f * (kBundleTiles - 1);
    for (int k = 0; k < 3; ++k) {
      all.sum[k] += heading.sum[k];
      all.across[k] += heading.across[k] + heading.sum[k] * place * KERNELS_TILE;
    }
  }
  SetFrame(all, cells.frame);
  for (int i = 0; i < KERNELS_CELLS; ++i) {
    if (tiles[i] >= 0) BoundCell(rays, Cell{tiles[i], 0, kTilePixels}, i, &cells);
  }
  JoinTiles(rays, tiles, cells, rays->bundle_planes + bundle);
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(BoundBundle);
}  // namespace diorama

extern "C" void kernels_bound_rays(const kernels_rays* rays, int32_t first, int32_t end) {
  using namespace diorama;
  for (int32_t i = first; i < end; ++i) HWY_DYNAMIC_DISPATCH(BoundBundle)(rays, i);
}
#endif
