// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which triangle each ray of a tile meets first.
//
// Sketch of the limit: three sides of a triangle are 9 fused multiply-adds for 16 rays, 18 where
// the eye moves; most small triangles end there. Where one is met its depth takes 15 more and a
// division: by count 40 cycles a block of 4 x 4 pixels on AVX-512, 80 on AVX2.

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/rays.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mesh_ray_raster.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rays-inl.h"
#include "surface-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// The rays of a tile's pixels, in the order of TileIndex, of one motion.
struct TileRays {
  HWY_ALIGN float direction[3][kTilePixels];
  HWY_ALIGN float depth_scale[kTilePixels];
  HWY_ALIGN float origin[3][kTilePixels];  // set where the eye moves,
  HWY_ALIGN float moment[3][kTilePixels];  // origin x direction
  bool moving;
};

static void FillRays(const kernels_rays* rays, int32_t tile, TileRays* out) {
  const Lanes d;
  out->moving = rays->lines != nullptr;
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const RayLanes lanes = LoadRays(rays, tile, at);
    hn::Store(lanes.depth_scale, d, out->depth_scale + at);
    for (int k = 0; k < 3; ++k) hn::Store(lanes.direction[k], d, out->direction[k] + at);
    if (!out->moving) continue;
    for (int k = 0; k < 3; ++k) {
      const int a = (k + 1) % 3, b = (k + 2) % 3;
      const auto product = hn::Mul(lanes.origin[b], lanes.direction[a]);
      hn::Store(lanes.origin[k], d, out->origin[k] + at);
      hn::Store(hn::MulSub(lanes.origin[a], lanes.direction[b], product), d, out->moment[k] + at);
    }
  }
}

HWY_INLINE Vector DotOf(const float* a, const Vector* b) {
  const Lanes d;
  return hn::MulAdd(hn::Set(d, a[0]), b[0],
                    hn::MulAdd(hn::Set(d, a[1]), b[1], hn::Mul(hn::Set(d, a[2]), b[2])));
}

// A triangle and what does not change from ray to ray.
struct Prepared {
  const kernels_ray_triangle* t;
  const kernels_triangle* rows;  // set where it is cut out, as is
  const kernels_mesh* mesh;
  float along[3][3];  // to - from of the edge opposite to each corner
  float bound[3];     // a side above it, or below its negative, is the triangle's
};

HWY_INLINE Prepared PrepareTriangle(const kernels_ray_triangle& t) {
  Prepared p;
  p.t = &t;
  p.rows = nullptr;
  p.mesh = nullptr;
  for (int k = 0; k < 3; ++k) {
    const int after = (k + 1) % 3, before = (k + 2) % 3;
    const float* from = t.corners[t.mirrored ? after : before];
    const float* to = t.corners[t.mirrored ? before : after];
    for (int i = 0; i < 3; ++i) p.along[k][i] = to[i] - from[i];
    // 0 belongs to the triangle that owns the edge.
    p.bound[k] = t.owns >> k & 1 ? -FLT_TRUE_MIN : 0;
  }
  return p;
}

// The depths at which rays may be met.
struct Reach {
  float near, beyond;  // metres; the negative of what is just too far
};

// The rays, of those with three sides of a triangle that is cut out, that meet what is there of it.
HWY_INLINE Mask SolidOnRays(const Prepared& p, const Vector* side, Vector sum) {
  Surface s;
  s.scale = hn::Div(Constant(1), sum);
  for (int k = 0; k < 3; ++k) {
    s.row[k] = hn::Set(IntLanes(), int32_t(p.rows->row[k]));
    s.weight[k] = hn::Mul(side[k], s.scale);
  }
  s.side = s.turn = Constant(1);
  return SolidAt(p.mesh, s);
}

// Draws a triangle into one block of the tile.
template <bool kMoving, bool kIsCutOut>
HWY_INLINE void DrawBlock(const Prepared& p, const TileRays& rays, Reach reach, uint32_t index,
                          int block, MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const auto zero = hn::Zero(d);
  bool full = true, drawn = false;
  for (int first = 0; first < kBlockPixels; first += int(hn::Lanes(d))) {
    const int at = block * kBlockPixels + first;
    Vector direction[3], moment[3], side[3];
    for (int i = 0; i < 3; ++i) {
      direction[i] = hn::Load(d, rays.direction[i] + at);
      if (kMoving) moment[i] = hn::Load(d, rays.moment[i] + at);
    }
    auto outside = hn::FirstN(d, hn::Lanes(d)), inside = outside;
    for (int k = 0; k < 3; ++k) {
      side[k] = DotOf(p.t->across[k], direction);
      if (kMoving) side[k] = hn::Add(side[k], DotOf(p.along[k], moment));
      outside = hn::And(outside, hn::Gt(side[k], hn::Set(d, p.bound[k])));
      inside = hn::And(inside, hn::Lt(side[k], hn::Set(d, -p.bound[k])));
    }
    auto met = p.t->one_sided ? outside : hn::Or(outside, inside);
    const auto sum = hn::Add(side[0], hn::Add(side[1], side[2]));
    // A triangle that is seen edge-on, and a pixel that sees nothing, have no sides.
    met = hn::And(met, hn::Ne(sum, zero));
    full = full && hn::AllTrue(d, met);
    if (hn::AllFalse(d, met)) continue;
    auto distance = zero;
    for (int k = 0; k < 3; ++k) {
      distance = hn::MulAdd(side[k], DotOf(p.t->corners[k], direction), distance);
    }
    distance = hn::Div(distance, sum);
    for (int i = 0; kMoving && i < 3; ++i) {
      distance = hn::NegMulAdd(hn::Load(d, rays.origin[i] + at), direction[i], distance);
    }
    const auto depth = hn::Mul(distance, hn::Load(d, rays.depth_scale + at));
    const auto nearness = hn::Neg(depth);
    const auto known = hn::Load(d, tile->nearness + at);
    const auto far_enough = hn::Ge(depth, hn::Set(d, reach.near));
    auto seen = hn::And(hn::And(met, far_enough), hn::Gt(nearness, known));
    if (hn::AllFalse(d, seen)) continue;
    if (kIsCutOut) {
      full = false;
      seen = hn::And(seen, SolidOnRays(p, side, sum));
    }
    drawn = true;
    hn::BlendedStore(nearness, seen, d, tile->nearness + at);
    for (int k = 0; k < 3; ++k) hn::BlendedStore(side[k], seen, d, tile->weight[k] + at);
    hn::BlendedStore(hn::Set(di, int32_t(index)), hn::RebindMask(di, seen), di,
                     reinterpret_cast<int32_t*>(tile->triangle) + at);
  }
  if (!full || !drawn) return;
  auto least = hn::Load(d, tile->nearness + block * kBlockPixels);
  for (int first = int(hn::Lanes(d)); first < kBlockPixels; first += int(hn::Lanes(d))) {
    least = hn::Min(least, hn::Load(d, tile->nearness + block * kBlockPixels + first));
  }
  tile->farthest[block] = hn::GetLane(hn::MinOfLanes(d, least));
}

// Draws a triangle into the blocks of the tile that it may touch.
template <bool kIsCutOut>
HWY_INLINE void DrawBlocks(const Prepared& p, const TileRays& rays, Reach reach,
                           const kernels_entry& entry, MeshTile* tile) {
  for (uint32_t blocks = entry.blocks; blocks != 0; blocks &= blocks - 1) {
    const int block = __builtin_ctz(blocks);
    // Fast path: what lies in front hides all of the triangle.
    if (-p.t->nearest <= tile->farthest[block]) continue;
    if (rays.moving) {
      DrawBlock<true, kIsCutOut>(p, rays, reach, entry.record, block, tile);
    } else {
      DrawBlock<false, kIsCutOut>(p, rays, reach, entry.record, block, tile);
    }
  }
}

static void DrawCutOut(const kernels_scene* scene, Prepared p, const TileRays& rays, Reach reach,
                       const kernels_entry& entry, MeshTile* tile) {
  p.rows = scene->triangles + entry.record;
  p.mesh = scene->placements[p.t->placement].mesh;
  DrawBlocks<true>(p, rays, reach, entry, tile);
}

static void RasterizeTile(const kernels_scene* scene, const kernels_ray_scene* seen,
                          const kernels_camera* camera, int32_t tile_column, int32_t tile_row,
                          MeshTile* tile) {
  const int32_t place = tile_row * seen->rays->tile_columns + tile_column;
  const Reach reach{camera->mesh_near, nextafterf(-camera->far, -HUGE_VALF)};
  tile->by_rays = true;
  std::fill_n(tile->nearness, kTilePixels, reach.beyond);
  std::fill_n(tile->farthest, kBlocks, reach.beyond);
  std::fill_n(tile->triangle, kTilePixels, kNoTriangle);
  TileRays rays;
  uint32_t motion = UINT32_MAX;
  for (int32_t i = 0; i < seen->entries.count; ++i) {
    const kernels_entry& entry = seen->entries.first[i];
    // The triangles lie all over the memory; by the time they are drawn they have come.
    constexpr int32_t kAhead = 8;
    if (i + kAhead < seen->entries.count) {
      __builtin_prefetch(seen->triangles + seen->entries.first[i + kAhead].record);
    }
    const kernels_ray_triangle& t = seen->triangles[entry.record];
    if (t.motion != motion) {
      motion = t.motion;
      FillRays(seen->rays + motion, place, &rays);
    }
    const Prepared prepared = PrepareTriangle(t);
    if (t.cut_out) {
      DrawCutOut(scene, prepared, rays, reach, entry, tile);
    } else {
      DrawBlocks<false>(prepared, rays, reach, entry, tile);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(RasterizeTile);

void RasterizeMeshesByRays(const kernels_scene* scene, const kernels_ray_scene* seen,
                           const kernels_camera* camera, int32_t tile_column, int32_t tile_row,
                           MeshTile* tile) {
  HWY_DYNAMIC_DISPATCH(RasterizeTile)(scene, seen, camera, tile_column, tile_row, tile);
}
}  // namespace diorama
#endif
