// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the passes over a tile leave for each other.

#ifndef DIORAMA_KERNELS_TILE_H
#define DIORAMA_KERNELS_TILE_H

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "include/kernels.h"
#include "include/rays.h"

namespace diorama {

constexpr int kTilePixels = KERNELS_TILE * KERNELS_TILE;

constexpr int kBlock = 4;                           // the edge of a square block, pixels
constexpr int kBlockPixels = kBlock * kBlock;       // one vector of AVX-512
constexpr int kBlocksAcross = KERNELS_TILE / kBlock;
constexpr int kBlocks = kBlocksAcross * kBlocksAcross;

/// The instances that a pixel keeps count of.
constexpr int kSlots = 4;
/// The identifier of a slot that is not taken.
constexpr uint32_t kNoInstance = 0xFFFFFFFF;

/// Where a pixel of a tile lies in the tile's arrays: block after block, row-major in both.
inline int TileIndex(int x, int y) {
  const int block = y / kBlock * kBlocksAcross + x / kBlock;
  return block * kBlockPixels + y % kBlock * kBlock + x % kBlock;
}

/// What the meshes leave in a tile, in the order of `TileIndex`.
///
/// The columns from `placement` on are set where a mesh is, and `depth` everywhere.
struct MeshTile {
  bool by_rays;      // weights are set, and nearness is the negative depth
  uint32_t shadows;  // that may fall on it, see ShadowsOver
  alignas(64) float nearness[kTilePixels];      // see kernels_triangle
  alignas(64) uint32_t triangle[kTilePixels];   // index into the scene's, or kNoTriangle
  alignas(64) float farthest[kBlocks];          // no pixel of a block has less nearness
  alignas(64) float weight[3][kTilePixels];     // see kernels_ray_triangle
  alignas(64) float depth[kTilePixels];         // metres, +infinity where no mesh is
  alignas(64) uint32_t placement[kTilePixels];
  alignas(64) float red[kTilePixels];           // display-referred sRGB before exposure
  alignas(64) float green[kTilePixels];
  alignas(64) float blue[kTilePixels];
  alignas(64) float normal_x[kTilePixels];      // unit, camera's frame, on the seen side
  alignas(64) float normal_y[kTilePixels];
  alignas(64) float normal_z[kTilePixels];
};

/// What a tile's splats have left in its pixels, in the order of `TileIndex`; the first
/// KERNELS_SUMS columns may be kept.
struct TileState {
  alignas(64) float transmittance[kTilePixels];  // a finished pixel has it negated
  alignas(64) float red[kTilePixels];            // sums of weight times colour
  alignas(64) float green[kTilePixels];
  alignas(64) float blue[kTilePixels];
  alignas(64) float depth[kTilePixels];          // the sum of weight times depth, metres
  alignas(64) float median[kTilePixels];         // where T falls below 1/2, metres; 0 until then
  alignas(64) float first[kTilePixels];          // where T falls below 0.9, metres; 0 until then
  alignas(64) float normal[3][kTilePixels];      // sums of weight times normal, camera frame
  alignas(64) float share[kSlots][kTilePixels];  // sums of the weights of an instance
  alignas(64) uint32_t instance[kSlots][kTilePixels];
};

/// Keeps the first columns of a state, or takes them back.
inline void KeepSums(const TileState& state, float* sums) {
  memcpy(sums, state.transmittance, sizeof(float) * KERNELS_SUMS * kTilePixels);
}
inline void TakeSums(const float* sums, TileState* state) {
  static_assert(offsetof(TileState, median) == sizeof(float) * KERNELS_SUMS * kTilePixels, "");
  memcpy(state, sums, sizeof(float) * KERNELS_SUMS * kTilePixels);
}

/// A box of points in the world; empty at first, when nothing is in it.
struct PointBox {
  float low[3] = {HUGE_VALF, HUGE_VALF, HUGE_VALF};
  float high[3] = {-HUGE_VALF, -HUGE_VALF, -HUGE_VALF};
};

/// The bit of the sun's shadow of meshes, of that of splats, and of the sky's shadow k.
constexpr uint32_t kSunShadow = 1, kSplatShadow = 2;
constexpr uint32_t SkyShadow(int32_t k) { return 4u << k; }

/// Which shadows may fall on a point of a box, as bits.
uint32_t ShadowsOver(const kernels_light& light, const PointBox& box);

/// The blocks of the tile at a pixel that a box touches, as bits.
inline uint32_t BlocksInBox(const kernels_box& box, int tile_x, int tile_y) {
  const int first_x = (box.x0 > tile_x ? box.x0 - tile_x : 0) / kBlock;
  const int last_x = (box.x1 - tile_x < KERNELS_TILE ? box.x1 - tile_x : KERNELS_TILE - 1) / kBlock;
  const int first_y = (box.y0 > tile_y ? box.y0 - tile_y : 0) / kBlock;
  const int last_y = (box.y1 - tile_y < KERNELS_TILE ? box.y1 - tile_y : KERNELS_TILE - 1) / kBlock;
  if (box.x1 < tile_x || box.y1 < tile_y || first_x > last_x || first_y > last_y) return 0;
  const uint32_t columns = (2u << last_x) - (1u << first_x);  // one row of blocks
  const uint32_t rows = (1u << (last_y + 1) * kBlocksAcross) - (1u << first_y * kBlocksAcross);
  return columns * 0x1111u & rows;
}

constexpr uint32_t kNoTriangle = 0xFFFFFFFF;

/// Finds which triangle of a tile's list each pixel sees; of equals the first in the list stays.
void RasterizeMeshes(const kernels_scene* scene, kernels_list triangles, int32_t tile_column,
                     int32_t tile_row, MeshTile* tile);

/// The same for rays; of equals the first in the list stays.
void RasterizeMeshesByRays(const kernels_scene* scene, const kernels_ray_scene* seen,
                           const kernels_camera* camera, int32_t tile_column, int32_t tile_row,
                           MeshTile* tile);

/// Where the pixels of a tile look from and to, in the world, in the order of `TileIndex`.
struct TileSight {
  const kernels_ray_scene* shown;
  int32_t tile;
  alignas(64) float eye[3][kTilePixels];  // metres
  alignas(64) float ray[3][kTilePixels];  // to where the depth is 1 m
};

/// Fills in what the pixels see, once it is known which triangle.
///
/// `sight` is null for the pinhole of the scene's light.
void ShadeMeshes(const kernels_scene* scene, const TileSight* sight, int32_t tile_column,
                 int32_t tile_row, MeshTile* tile);

/// What the pixels of a tile show on average at several places each, where these see several
/// things.
struct SoftTile {
  bool mixed[kTilePixels];                // whether they do
  alignas(64) float sums[4][kTilePixels]; // red, green, blue with the exposure, and alpha
};

/// Adds one place's part of what a tile shows: what its mesh, shaded where pixels are mixed, and
/// the splats before that leave in a state.
void AddSample(const kernels_scene* scene, const kernels_camera* camera, const TileState& state,
               const MeshTile& mesh, bool shadowed, int32_t tile_column, int32_t tile_row,
               SoftTile* soft);

/// Writes the colours and alphas of mixed pixels.
void WriteSoftTile(const kernels_camera* camera, const SoftTile& soft, int32_t tile_column,
                   int32_t tile_row, const kernels_images* images);

/// Puts what lies behind the splats of a tile under them and writes its pixels to the images.
///
/// `mesh` is null where the tile has no mesh. Where `shadowed`, meshes shade the splats, whose
/// depth is in the state.
void ResolveTile(const kernels_scene* scene, const kernels_camera* camera, const TileState& state,
                 const MeshTile* mesh, bool shadowed, const TileSight* sight,
                 int32_t tile_column, int32_t tile_row, const kernels_images* images);

/// Writes a tile's colours where meshes shade its splats, of which a state has the first columns.
void ShadeTileAgain(const kernels_scene* scene, const kernels_camera* camera,
                    const TileState& state, const TileSight* sight, int32_t tile_column,
                    int32_t tile_row, const kernels_images* images);

}  // namespace diorama

#endif
