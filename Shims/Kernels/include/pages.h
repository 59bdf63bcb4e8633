// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Pages of a scene file: from the columns of bytes that are stored to the blocks that are drawn.

#ifndef DIORAMA_PAGES_H
#define DIORAMA_PAGES_H

#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

enum {
  /// The splats of a group, of which the extent is told.
  KERNELS_GROUP = 256,
  /// The numbers that are told of a group: least x y z, largest x y z, the largest deviation.
  KERNELS_EXTENT = 7,
};

/// The stored columns of a page, read only; see `SplatPage`.
typedef struct {
  int32_t count;                 // splats, at least 1
  int32_t rest_count;            // SH coefficients a channel above degree 0: 0, 3, 8 or 15
  const uint8_t *columns;        // [17 x count]
  const int8_t *_Nullable rest;  // [3 * rest_count x count] or more
  float position_low[3];         // metres
  float position_step[3];
  float colour_low[3];           // display-referred sRGB
  float colour_step[3];
  float rest_step[3];            // of degrees 1 to 3
  const float *deviations;       // [256] metres, what the bytes of a scale stand for
  const float *log2_opacities;   // [256]
} kernels_page;

/// Writes the splats of a page as blocks, in their order, the last one padded with splats that are
/// not seen.
///
/// `geometry` is [blocks x 16 x 16], `rest` [blocks x 3 * rest_count x 16], both on cache lines;
/// `extents` is [groups x KERNELS_EXTENT].
void kernels_unpack_page(const kernels_page *page, float *geometry, float *rest, float *extents);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
