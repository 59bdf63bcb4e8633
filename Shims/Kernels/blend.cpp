// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
// Long because one loop holds all that a pixel accumulates.

// One 16 x 16 tile: meshes into a depth buffer, splats front to back, then what lies behind.
//
// Sketch of the limit: a pixel and a splat meet in 28 operations, 4 more where depth matters, so a
// block of 4 x 4 pixels and a splat cost an AVX-512 core 14 to 16 cycles when its vector units are
// busy. A splat of a capture seen from a few metres is 6 pixels wide and touches three blocks: 45
// cycles, and 20 more to find them. What makes that reachable: the lists say which blocks a splat's
// ellipse touches; a block's state stays in registers for a whole chunk of splats; the loop has no
// branch that cannot be predicted; a block that lets no light through any more takes no part. The
// chunk's records (8 KB) and the tile's state (5 KB) stay in L1.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/kernels.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "blend-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

constexpr float kLeastDepthRatio = 0.7499f;  // no pixel sees a splat nearer than this x its centre

// Splats as ellipses on the image.
struct Ellipses {
  const kernels_record* records;
  const kernels_camera* camera;
  int tile_x, tile_y;

  struct Pixels {
    Vector x, y;  // centres on the image, pixels
  };

  HWY_INLINE void Fetch(uint32_t record) const { __builtin_prefetch(records + record); }

  HWY_INLINE Pixels PixelsAt(int block, int lane) const {
    const Lanes d;
    const IntLanes di;
    const float block_x = float(tile_x + block % kBlocksAcross * kBlock) + 0.5f;
    const float block_y = float(tile_y + block / kBlocksAcross * kBlock) + 0.5f;
    const auto index = hn::Iota(di, lane);
    return Pixels{hn::Add(hn::ConvertTo(d, hn::And(index, hn::Set(di, kBlock - 1))),
                          Constant(block_x)),
                  hn::Add(hn::ConvertTo(d, hn::ShiftRight<2>(index)), Constant(block_y))};
  }

  template <bool kDepth>
  HWY_INLINE Meeting Meet(uint32_t record, const Pixels& pixels) const {
    const kernels_record& r = records[record];
    const auto dx = hn::Sub(pixels.x, Constant(r.mean[0]));
    const auto dy = hn::Sub(pixels.y, Constant(r.mean[1]));
    const auto u = hn::MulAdd(Constant(r.factor[0]), dx, hn::Mul(Constant(r.factor[1]), dy));
    const auto v = hn::Mul(Constant(r.factor[2]), dy);
    Meeting m;
    m.exponent = hn::NegMulAdd(u, u, hn::NegMulAdd(v, v, Constant(r.log2_opacity)));
    m.drawn = hn::Ge(m.exponent, Constant(kMinimumLog2Alpha));
    if (kDepth) {
      const auto s =
          hn::MulAdd(Constant(r.slope[0]), dx, hn::Mul(Constant(r.slope[1]), dy));
      m.depth = hn::MulAdd(hn::MulAdd(s, s, s), Constant(r.depth), Constant(r.depth));
    }
    return m;
  }

  // The normal of the surface that a splat's depth describes, towards the eye.
  //
  // On a plane the inverse depth is linear in pixels, 1/z = (1 - slope . d) / depth, and its
  // coefficients are the plane's.
  HWY_INLINE void Normal(uint32_t record, float* normal) const {
    const kernels_record& r = records[record];
    const float x = camera->focal[0] * r.slope[0], y = camera->focal[1] * r.slope[1];
    const float z = -1.0f - r.slope[0] * (r.mean[0] - camera->principal[0]) -
                    r.slope[1] * (r.mean[1] - camera->principal[1]);
    const float scale = 1.0f / sqrtf(x * x + y * y + z * z);
    normal[0] = x * scale;
    normal[1] = y * scale;
    normal[2] = z * scale;
  }

  HWY_INLINE bool IsBeyond(const kernels_record& r, float depth) const {
    return kLeastDepthRatio * r.depth >= depth;
  }
};

// A step of depth as large as this, relative to the deeper, is an edge of a mesh before itself.
constexpr float kEdge = 0.02f;

// The scene as one place in each pixel sees it.
static kernels_scene SceneOf(const kernels_scene* scene, const kernels_mesh_sample& sample) {
  kernels_scene shown = *scene;
  shown.triangles = sample.triangles;
  shown.triangle_boxes = sample.triangle_boxes;
  shown.placements = sample.placements;
  float* m = shown.light.world_from_pixel;
  for (int row = 0; row < 9; row += 3) {
    m[row + 2] += m[row] * sample.offset[0] + m[row + 1] * sample.offset[1];
  }
  return shown;
}

// Marks the pixels of which a sample sees another mesh than the centre does, or the same much
// nearer or farther; returns their blocks as bits. `centre` is null where no centre sees a mesh.
static uint32_t MarkMixed(const kernels_scene* scene, const MeshTile* centre,
                          const kernels_mesh_sample& sample, const MeshTile& seen, bool* mixed) {
  constexpr uint32_t kNothing = 0xFFFFFFFF;
  const auto thing = [](const kernels_triangle* triangles, uint32_t index) {
    return index == kNoTriangle ? kNothing : triangles[index].placement;
  };
  uint32_t blocks = 0;
  for (int i = 0; i < kTilePixels; ++i) {
    const uint32_t a = thing(scene->triangles, centre ? centre->triangle[i] : kNoTriangle);
    const uint32_t b = thing(sample.triangles, seen.triangle[i]);
    bool differs = a != b;
    if (!differs && a != kNothing) {
      const float near = centre->nearness[i], other = seen.nearness[i];
      differs = fabsf(near - other) > kEdge * HWY_MAX(near, other);
    }
    mixed[i] |= differs;
    blocks |= uint32_t(differs) << i / kBlockPixels;
  }
  return blocks;
}

// Draws the pixels at edges of meshes anew: the mean of what several places in them show.
static void SoftenTile(const kernels_scene* scene, const kernels_camera* camera,
                       const Ellipses& splats, const kernels_content* content,
                       const MeshTile* centre, int32_t tile_column, int32_t tile_row,
                       const kernels_images* images) {
  MeshTile seen[KERNELS_MESH_SAMPLES];
  SoftTile soft;
  memset(&soft, 0, sizeof(soft));
  uint32_t blocks = 0;
  for (int k = 0; k < KERNELS_MESH_SAMPLES; ++k) {
    const kernels_mesh_sample& sample = content->samples[k];
    const kernels_scene shown = SceneOf(scene, sample);
    RasterizeMeshes(&shown, kernels_list{sample.list, sample.count}, tile_column, tile_row,
                    &seen[k]);
    blocks |= MarkMixed(scene, centre, sample, seen[k], soft.mixed);
  }
  if (blocks == 0) return;
  TileWork work = WorkOf(scene, content, tile_column, tile_row, images);
  work.level = work.shadowed ? kDepth : kColour;
  work.instances = false;
  work.meetings = nullptr;
  work.blocks = blocks;
  for (int k = 0; k < KERNELS_MESH_SAMPLES; ++k) {
    for (int i = 0; i < kTilePixels; ++i) {
      if (!soft.mixed[i]) seen[k].triangle[i] = kNoTriangle;
    }
    const kernels_scene shown = SceneOf(scene, content->samples[k]);
    ShadeMeshes(&shown, nullptr, tile_column, tile_row, &seen[k]);
    work.mesh = &seen[k];
    TileState state;
    BlendTile(scene, camera, splats, work, &state);
    AddSample(scene, camera, state, seen[k], work.shadowed, tile_column, tile_row, &soft);
  }
  WriteSoftTile(camera, soft, tile_column, tile_row, images);
}

static void DrawTile(const kernels_scene* scene, const kernels_camera* camera,
                     const kernels_content* content, int32_t tile_column, int32_t tile_row,
                     const kernels_images* images) {
  TileWork work = WorkOf(scene, content, tile_column, tile_row, images);
  MeshTile buffer;
  if (content->triangle_count > 0) {
    const kernels_list triangles{content->triangles, content->triangle_count};
    RasterizeMeshes(scene, triangles, tile_column, tile_row, &buffer);
    ShadeMeshes(scene, nullptr, tile_column, tile_row, &buffer);
    work.mesh = &buffer;
  }
  const Ellipses seen{scene->records, camera, tile_column * KERNELS_TILE,
                      tile_row * KERNELS_TILE};
  TileState state;
  BlendTile(scene, camera, seen, work, &state);
  if (content->sums) KeepSums(state, content->sums);
  ResolveTile(scene, camera, state, work.mesh, work.shadowed, nullptr, tile_column, tile_row,
              images);
  if (content->samples) {
    SoftenTile(scene, camera, seen, content, work.mesh, tile_column, tile_row, images);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(DrawTile);
}  // namespace diorama

extern "C" void kernels_draw_tile(const kernels_scene* scene, const kernels_camera* camera,
                                  const kernels_content* content, int32_t tile_column,
                                  int32_t tile_row, const kernels_images* images) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(DrawTile)(scene, camera, content, tile_column, tile_row, images);
}

extern "C" void kernels_shade_tile(const kernels_scene* scene, const kernels_camera* camera,
                                   const float* sums, int32_t tile_column, int32_t tile_row,
                                   const kernels_images* images) {
  using namespace diorama;
  TileState state;
  TakeSums(sums, &state);
  ShadeTileAgain(scene, camera, state, nullptr, tile_column, tile_row, images);
}
#endif
