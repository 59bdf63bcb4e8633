// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the walk back over a tile takes in, adds up and leaves.

#ifndef DIORAMA_KERNELS_TILE_LOSS_H
#define DIORAMA_KERNELS_TILE_LOSS_H

#include <stddef.h>
#include <string.h>

#include <algorithm>

#include "include/kernels.h"
#include "tile.h"

namespace diorama {

/// The gradient of the loss with each pixel of a tile, in the order of TileIndex.
struct TileLoss {
  alignas(64) float colour[3][kTilePixels];  // exposure applied
  alignas(64) float alpha[kTilePixels];
  alignas(64) float depth[kTilePixels];
  bool is_zero;  // none has any
};

/// Loads a tile's gradients; pixels beyond the image's edge have none.
inline void LoadLoss(const kernels_camera& camera, int tile_x, int tile_y,
                     const kernels_image_gradients& image, float exposure, TileLoss* loss) {
  memset(loss, 0, sizeof(TileLoss));
  const int columns = std::min<int>(KERNELS_TILE, camera.width - tile_x);
  const int rows = std::min<int>(KERNELS_TILE, camera.height - tile_y);
  bool is_zero = true;
  for (int y = 0; y < rows; ++y) {
    const size_t row = size_t(tile_y + y) * size_t(camera.width) + size_t(tile_x);
    for (int x = 0; x < columns; ++x) {
      const int i = TileIndex(x, y);
      const size_t at = row + size_t(x);
      for (int c = 0; c < 3; ++c) {
        if (image.colour) loss->colour[c][i] = image.colour[3 * at + size_t(c)] * exposure;
        is_zero = is_zero && loss->colour[c][i] == 0;
      }
      if (image.alpha) loss->alpha[i] = image.alpha[at];
      if (image.depth) loss->depth[i] = image.depth[at];
      is_zero = is_zero && loss->alpha[i] == 0 && loss->depth[i] == 0;
    }
  }
  loss->is_zero = is_zero;
}

constexpr int kSums = 20;             // what is added up for an entry, see `Sums`

/// What is added up for an entry, over all pixels of a tile; x and y are a pixel's centre, relative
/// to the tile's middle, p the gradient of the exponent over ln 2, and q that of (1 + s + s^2)'s
/// argument s.
struct Sums {
  float p, pu, red, green;
  float py, puy, unused_y[2];
  float pyy, unused_yy[3];
  float blue, pux, q, qx;
  float depth, qy, unused[2];
};
static_assert(sizeof(Sums) == kSums * sizeof(float), "the sums are addressed as floats");

/// Adds an entry's gradient to its slot.
inline void Leave(const kernels_record_gradient& gradient, uint32_t slot,
                      const kernels_tile_gradients* out) {
  kernels_record_gradient* sum = out->gradients + slot;
  if (!out->reached[slot]) {
    out->reached[slot] = 1;
    *sum = gradient;
    return;
  }
  // A wide splat: another tile of the region has been here.
  constexpr size_t kNumbers = sizeof(kernels_record_gradient) / sizeof(float);
  float left[kNumbers], right[kNumbers];
  memcpy(left, sum, sizeof(left));
  memcpy(right, &gradient, sizeof(right));
  for (size_t i = 0; i < kNumbers; ++i) left[i] += right[i];
  memcpy(sum, left, sizeof(left));
}

}  // namespace diorama

#endif
