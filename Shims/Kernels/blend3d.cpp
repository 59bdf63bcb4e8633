// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// One 16 x 16 tile as blend.cpp draws it, but every pixel asks each splat along a ray of its own.
//
// Sketch of the limit: a pixel and a splat meet in 45 operations and a division, 27 operations more
// where the eye moves: 40 cycles for a block of 4 x 4 pixels on an AVX-512 core whose vector units
// are busy, and 55 were measured, against 25 in blend.cpp. A splat's 192 bytes come as three cache
// lines, asked for a chunk ahead; without that it were 70.

#include <math.h>
#include <stdint.h>

#include "include/rays.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend3d.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "blend-inl.h"
#include "rays-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// The rays of a tile's pixels, in the order of TileIndex.
struct TileRays {
  HWY_ALIGN float direction[3][kTilePixels];
  HWY_ALIGN float depth_scale[kTilePixels];
  HWY_ALIGN float origin[3][kTilePixels];  // set where the eye moves,
  HWY_ALIGN float moment[3][kTilePixels];  // origin x direction
};

HWY_INLINE void FillRays(const kernels_rays* rays, int32_t tile, TileRays* out) {
  const Lanes d;
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const RayLanes lanes = LoadRays(rays, tile, at);
    hn::Store(lanes.depth_scale, d, out->depth_scale + at);
    for (int k = 0; k < 3; ++k) hn::Store(lanes.direction[k], d, out->direction[k] + at);
    if (rays->lines == nullptr) continue;
    for (int k = 0; k < 3; ++k) {
      const int a = (k + 1) % 3, b = (k + 2) % 3;
      const auto product = hn::Mul(lanes.origin[b], lanes.direction[a]);
      hn::Store(lanes.origin[k], d, out->origin[k] + at);
      hn::Store(hn::MulSub(lanes.origin[a], lanes.direction[b], product), d, out->moment[k] + at);
    }
  }
}

// Splats as ellipsoids that rays meet; see kernels_ray_splat.
template <bool kMoving>
struct Ellipsoids {
  const kernels_record* records;
  const kernels_ray_splat* splats;
  const TileRays* rays;
  float near, far;

  struct Pixels {
    Vector direction[3], depth_scale, origin[3], moment[3];
  };

  HWY_INLINE void Fetch(uint32_t record) const {
    const char* splat = reinterpret_cast<const char*>(splats + record);
    __builtin_prefetch(records + record);
    __builtin_prefetch(splat);
    __builtin_prefetch(splat + 64);
  }

  HWY_INLINE Pixels PixelsAt(int block, int lane) const {
    const Lanes d;
    const int at = block * kBlockPixels + lane;
    Pixels p;
    p.depth_scale = hn::Load(d, rays->depth_scale + at);
    for (int k = 0; k < 3; ++k) {
      p.direction[k] = hn::Load(d, rays->direction[k] + at);
      if (kMoving) p.origin[k] = hn::Load(d, rays->origin[k] + at);
      if (kMoving) p.moment[k] = hn::Load(d, rays->moment[k] + at);
    }
    return p;
  }

  HWY_INLINE static Vector Dot(const float* a, const Vector* b) {
    return hn::MulAdd(Constant(a[0]), b[0],
                      hn::MulAdd(Constant(a[1]), b[1], hn::Mul(Constant(a[2]), b[2])));
  }

  template <bool kDepth>
  HWY_INLINE Meeting Meet(uint32_t record, const Pixels& p) const {
    const kernels_ray_splat& s = splats[record];
    auto off = hn::Zero(Lanes()), square = off, along = off;
    for (int k = 0; k < 3; ++k) {
      auto n = Dot(s.across[k], p.direction);
      const auto g = Dot(s.along[k], p.direction);
      auto h = Constant(s.depth[k]);
      if (kMoving) n = hn::Add(n, Dot(s.axes[k], p.moment));
      if (kMoving) h = hn::Sub(h, Dot(s.along[k], p.origin));
      off = hn::MulAdd(n, n, off);
      square = hn::MulAdd(g, g, square);
      along = hn::MulAdd(g, h, along);
    }
    const auto inverse = hn::Div(Constant(1), square);
    Meeting m;
    m.exponent = hn::NegMulAdd(off, inverse, Constant(records[record].log2_opacity));
    m.depth = hn::Mul(hn::Mul(along, inverse), p.depth_scale);
    // Where a pixel sees nothing all of it is NaN, and no comparison holds.
    const auto within =
        hn::And(hn::Ge(m.depth, Constant(near)), hn::Le(m.depth, Constant(far)));
    m.drawn = hn::And(within, hn::Ge(m.exponent, Constant(kMinimumLog2Alpha)));
    return m;
  }

  // Where the response along rays is largest is a surface; at the centre its normal is
  // Sigma^-1 mu, which is what across and along have of it.
  HWY_INLINE void Normal(uint32_t record, float* normal) const {
    const kernels_ray_splat& s = splats[record];
    float sum[3] = {0, 0, 0}, square = 0;
    for (int i = 0; i < 3; ++i) {
      for (int k = 0; k < 3; ++k) sum[i] -= s.depth[k] * s.along[k][i];
      square += sum[i] * sum[i];
    }
    const float scale = square > 0 ? 1.0f / sqrtf(square) : 0;
    for (int i = 0; i < 3; ++i) normal[i] = sum[i] * scale;
  }

  // The order is that of distance, which says too little about depths.
  HWY_INLINE bool IsBeyond(const kernels_record&, float) const { return false; }
};

// What the rays look at, in the world.
static void FillSight(const kernels_scene* scene, const TileRays& rays, bool moving,
                      TileSight* sight) {
  const Lanes d;
  const float* m = scene->world_from_camera;
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const auto scale = hn::Div(Constant(1), hn::Load(d, rays.depth_scale + at));
    for (int k = 0; k < 3; ++k) {
      const auto turned = [&](const float (*v)[kTilePixels]) HWY_ATTR {
        return hn::MulAdd(
            Constant(m[3 * k]), hn::Load(d, v[0] + at),
            hn::MulAdd(Constant(m[3 * k + 1]), hn::Load(d, v[1] + at),
                       hn::Mul(Constant(m[3 * k + 2]), hn::Load(d, v[2] + at))));
      };
      const auto eye = Constant(scene->light.eye[k]);
      hn::Store(moving ? hn::Add(eye, turned(rays.origin)) : eye, d, sight->eye[k] + at);
      hn::Store(hn::Mul(turned(rays.direction), scale), d, sight->ray[k] + at);
    }
  }
}

static void DrawTile(const kernels_scene* scene, const kernels_camera* camera,
                     const kernels_ray_scene* shown, const kernels_content* content,
                     int32_t tile_column, int32_t tile_row, const kernels_images* images) {
  const kernels_rays* rays = shown->rays;
  TileWork work = WorkOf(scene, content, tile_column, tile_row, images);
  TileRays tile;
  FillRays(rays, tile_row * rays->tile_columns + tile_column, &tile);
  TileSight sight;
  sight.shown = shown;
  sight.tile = tile_row * rays->tile_columns + tile_column;
  if (shown->entries.count > 0 || work.shadowed) {
    FillSight(scene, tile, rays->lines != nullptr, &sight);
  }
  MeshTile buffer;
  if (shown->entries.count > 0) {
    RasterizeMeshesByRays(scene, shown, camera, tile_column, tile_row, &buffer);
    ShadeMeshes(scene, &sight, tile_column, tile_row, &buffer);
    work.mesh = &buffer;
  }
  TileState state;
  if (rays->lines) {
    const Ellipsoids<true> seen{scene->records, shown->splats, &tile, camera->near, camera->far};
    BlendTile(scene, camera, seen, work, &state);
  } else {
    const Ellipsoids<false> seen{scene->records, shown->splats, &tile, camera->near, camera->far};
    BlendTile(scene, camera, seen, work, &state);
  }
  if (content->sums) KeepSums(state, content->sums);
  ResolveTile(scene, camera, state, work.mesh, work.shadowed, &sight, tile_column, tile_row,
              images);
}

static void ShadeRays(const kernels_scene* scene, const kernels_camera* camera,
                      const kernels_rays* rays, const float* sums, int32_t tile_column,
                      int32_t tile_row, const kernels_images* images) {
  TileRays tile;
  TileSight sight;
  FillRays(rays, tile_row * rays->tile_columns + tile_column, &tile);
  FillSight(scene, tile, rays->lines != nullptr, &sight);
  TileState state;
  TakeSums(sums, &state);
  ShadeTileAgain(scene, camera, state, &sight, tile_column, tile_row, images);
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(DrawTile);
HWY_EXPORT(ShadeRays);
}  // namespace diorama

extern "C" void kernels_draw_tile_by_rays(const kernels_scene* scene,
                                          const kernels_camera* camera,
                                          const kernels_ray_scene* seen,
                                          const kernels_content* content, int32_t tile_column,
                                          int32_t tile_row, const kernels_images* images) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(DrawTile)(scene, camera, seen, content, tile_column, tile_row, images);
}

extern "C" void kernels_shade_tile_by_rays(const kernels_scene* scene,
                                           const kernels_camera* camera,
                                           const kernels_rays* rays, const float* sums,
                                           int32_t tile_column, int32_t tile_row,
                                           const kernels_images* images) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(ShadeRays)
  (scene, camera, rays, sums, tile_column, tile_row, images);
}
#endif
