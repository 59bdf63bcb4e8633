// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which shadows may fall on what a tile sees: most tiles lie in none, and need not ask any pixel.

#include <math.h>
#include <stdint.h>

#include <algorithm>

#include "tile.h"

namespace diorama {
namespace {

// Room for what float arithmetic moves a point by: texels, and metres.
constexpr double kTexelSlack = 0.01;
constexpr double kDepthSlack = 1e-4;

bool MayReach(const kernels_light& light, const PointBox& box) {
  double squared = 0;
  for (int k = 0; k < 3; ++k) {
    const float nearest = std::clamp(light.shadow_centre[k], box.low[k], box.high[k]);
    const double off = double(nearest) - light.shadow_centre[k];
    squared += off * off;
  }
  const double radius = double(light.shadow_radius) * (1 + 1e-5) + kDepthSlack;
  return squared <= radius * radius;
}

bool MayHide(const kernels_shadow& shadow, const PointBox& box) {
  double middle[3], half[3];
  for (int row = 0; row < 3; ++row) {
    const float* m = shadow.map_from_world + row * 4;
    middle[row] = m[3];
    half[row] = 0;
    for (int k = 0; k < 3; ++k) {
      middle[row] += m[k] * (0.5 * box.low[k] + 0.5 * box.high[k]);
      // A point is looked up beside itself, in any direction.
      half[row] += fabs(m[k]) * (0.5 * box.high[k] - 0.5 * box.low[k] + shadow.offset);
    }
  }
  // What is not finite is not in the way of what is.
  if (!(fabs(middle[0]) + fabs(middle[1]) + fabs(middle[2]) < HUGE_VAL)) return true;
  const double last = shadow.size - 1;
  int32_t from[2], to[2];  // tiles of the map
  for (int axis = 0; axis < 2; ++axis) {
    // The texels at the left and at the right of a point, and so for rows.
    const double low = floor(middle[axis] - half[axis] - 0.5 - kTexelSlack);
    const double high = floor(middle[axis] + half[axis] - 0.5 + kTexelSlack) + 1;
    if (!(high >= 0 && low <= last)) return false;
    from[axis] = int32_t(std::max(low, 0.0)) / KERNELS_TILE;
    to[axis] = int32_t(std::min(high, last)) / KERNELS_TILE;
  }
  const double deepest =
      middle[2] + half[2] - shadow.bias + kDepthSlack + 1e-6 * fabs(middle[2]);
  for (int32_t y = from[1]; y <= to[1]; ++y) {
    for (int32_t x = from[0]; x <= to[0]; ++x) {
      if (double(shadow.least[y * (shadow.size / KERNELS_TILE) + x]) < deepest) return true;
    }
  }
  return false;
}

}  // namespace

uint32_t ShadowsOver(const kernels_light& light, const PointBox& box) {
  const bool is_empty = !(box.low[0] <= box.high[0]);
  if (is_empty || (!light.sun_shadow && light.sky_shadow_count == 0)) return 0;
  if (!MayReach(light, box)) return 0;
  uint32_t found = 0;
  if (light.sun_shadow && MayHide(*light.sun_shadow, box)) found |= kSunShadow;
  if (light.splat_shadow && MayHide(*light.splat_shadow, box)) found |= kSplatShadow;
  for (int32_t k = 0; k < light.sky_shadow_count; ++k) {
    if (MayHide(light.sky_shadows[k], box)) found |= SkyShadow(k);
  }
  return found;
}

}  // namespace diorama
