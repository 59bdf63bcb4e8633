// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the mesh pass of a tile leaves for the blending of its splats.

#ifndef DIORAMA_KERNELS_TILE_H
#define DIORAMA_KERNELS_TILE_H

#include "include/kernels.h"

namespace diorama {

constexpr int kTilePixels = KERNELS_TILE * KERNELS_TILE;

constexpr int kBlock = 4;                           // the edge of a square block, pixels
constexpr int kBlockPixels = kBlock * kBlock;       // one vector of AVX-512
constexpr int kBlocksAcross = KERNELS_TILE / kBlock;
constexpr int kBlocks = kBlocksAcross * kBlocksAcross;

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

/// Draws the triangles of a tile's list; of equal depths the first in the list stays.
void RasterizeTile(const kernels_scene* scene, const kernels_camera* camera,
                   kernels_list triangles, int32_t tile_column, int32_t tile_row,
                   MeshTile* tile);

}  // namespace diorama

#endif
