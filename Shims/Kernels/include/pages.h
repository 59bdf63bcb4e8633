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

enum {
  /// The columns of splats that are packed: x y z (metres), natural logarithms of three deviations,
  /// rotation w x y z of any length but 0, opacity, red, green, blue (display-referred sRGB).
  KERNELS_SPLAT_COLUMNS = 14,
};

/// From where and in which steps the numbers of a page count.
typedef struct {
  float position_low[3];  // metres
  float position_step[3];
  float colour_low[3];    // display-referred sRGB
  float colour_step[3];
  float log_scale_low;    // ln metres
  float log_scale_step;
} kernels_page_steps;

/// Finds the least and the largest of each column of splats, at least one.
///
/// `columns` is [KERNELS_SPLAT_COLUMNS x count], `least` and `largest` [KERNELS_SPLAT_COLUMNS].
void kernels_column_ranges(const float *columns, int32_t count, float *least, float *largest);

/// Puts splats along a Morton curve of their 16-bit positions, those of one place in their order.
///
/// `order` [count] gets the splats' indices; `scratch` is [2 * count].
void kernels_curve_order(const float *columns, int32_t count, const kernels_page_steps *steps,
                         uint64_t *scratch, uint32_t *order);

/// Writes the bytes of splats in the order given: [17 x count], see `SplatPage`.
void kernels_pack_page(const float *columns, int32_t count, const kernels_page_steps *steps,
                       const uint32_t *order, uint8_t *bytes);

/// Finds how far the splats of a page reach: the least and the largest height, and how far beyond a
/// square's sides, metres: `reach` [3].
///
/// `extents` [256] is what the bytes of a scale reach; the square is `half` wide each way.
void kernels_page_reach(const kernels_page *page, const double *extents, double half,
                        double *reach);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
