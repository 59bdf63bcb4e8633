// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What the passes over meshes agree on.

#ifndef DIORAMA_KERNELS_MESH_H
#define DIORAMA_KERNELS_MESH_H

#include <math.h>

#include "include/kernels.h"

namespace diorama {

constexpr int kSubpixels = 256;     // corners are snapped to 1/256 pixel
constexpr int kHalf = kSubpixels / 2;
// What reaches further from the image's corner, in pixels, is cut there: beyond the largest image,
// and near enough that an edge's value at any pixel that it crosses fits 32 bits in units of
// 1/256 pixel squared over 256.
constexpr float kGuard = 32768.0f;
constexpr int kMostFan = 6;         // the most triangles that cutting one can leave

/// The largest nearness that is too far to be drawn.
inline float BeyondFar(const kernels_mesh_view& view) {
  if (view.parallel || view.far == HUGE_VALF) return 0;
  return nextafterf(1 / view.far, 0);
}

}  // namespace diorama

#endif
