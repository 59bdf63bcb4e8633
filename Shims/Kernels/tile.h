// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the mesh pass of a tile leaves for the blending of its splats.

#ifndef DIORAMA_KERNELS_TILE_H
#define DIORAMA_KERNELS_TILE_H

#include "include/kernels.h"

namespace diorama {

constexpr int kTilePixels = KERNELS_TILE * KERNELS_TILE;

/// The nearest mesh surface behind each pixel of a tile, row-major.
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
