// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the passes over a tile leave for each other.

#ifndef DIORAMA_KERNELS_TILE_H
#define DIORAMA_KERNELS_TILE_H

#include "include/kernels.h"

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

/// The nearest mesh surface behind each pixel of a tile, in the order of `TileIndex`.
struct MeshTile {
  alignas(64) float depth[kTilePixels];         // metres, +infinity where no mesh is
  alignas(64) float light[kTilePixels];         // cosine to the sun, >= 0; set where a mesh is
  alignas(64) uint32_t placement[kTilePixels];  // set where a mesh is
};

/// What a tile's splats have left in its pixels, in the order of `TileIndex`.
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

/// Draws the triangles of a tile's list; of equal depths the first in the list stays.
void RasterizeTile(const kernels_scene* scene, const kernels_camera* camera,
                   kernels_list triangles, int32_t tile_column, int32_t tile_row,
                   MeshTile* tile);

/// Puts what lies behind the splats of a tile under them and writes its pixels to the images.
///
/// `mesh` is null where the tile has no mesh.
void ResolveTile(const kernels_scene* scene, const kernels_camera* camera, const TileState& state,
                 const MeshTile* mesh, int32_t tile_column, int32_t tile_row,
                 const kernels_images* images);

}  // namespace diorama

#endif
