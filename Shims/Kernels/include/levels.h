// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Levels of detail: which splats are joined.

#ifndef DIORAMA_LEVELS_H
#define DIORAMA_LEVELS_H

#include <stddef.h>

#include "pages.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

enum {
  /// The columns of moments: mean x y z (metres), covariance xx xy xz yy yz zz (square metres) and
  /// its determinant, opacity, red, green, blue (display-referred sRGB), and opacity times area.
  KERNELS_MOMENT_COLUMNS = 15,
  /// The same and how far splats were moved: the sum over all that were joined of opacity times
  /// area times the squared distance to the mean.
  KERNELS_JOINED_COLUMNS = 16,
  /// The splats that one is compared with, at most.
  KERNELS_CANDIDATES = 8,
};

/// Finds for splats along a curve with whom they are joined.
///
/// Each that is not yet taken, in their order, takes of the next eight that are not either the one
/// for which the field changes least, the first of equals. `partners` gets for the one that takes
/// the index of the other, for the other -1, and -1 too for a last one that is left alone.
///
/// `columns` is [KERNELS_MOMENT_COLUMNS x count].
void kernels_pair_splats(const double *columns, int32_t count, int32_t *partners);

/// Makes the moments of the splats of a page, moved by `offset` [3] metres.
///
/// Splat i's are `columns[k * stride + i]` for k below KERNELS_JOINED_COLUMNS.
void kernels_page_moments(const kernels_page *page, const float *offset, double *columns,
                          size_t stride);

/// Joins pairs of splats into the ones with their moments.
///
/// `columns` is [KERNELS_JOINED_COLUMNS x count]; `pairs` [2 x pair_count], of which both are the
/// same for a splat that stays alone; `joined` is [KERNELS_JOINED_COLUMNS x pair_count].
void kernels_join_splats(const double *columns, int32_t count, const int32_t *pairs,
                         int32_t pair_count, double *joined);

/// Turns moments into splats.
///
/// `columns` is [KERNELS_JOINED_COLUMNS x count], `splats` [KERNELS_SPLAT_COLUMNS x count]. A
/// logarithm of a deviation is at least `least_log_scale`.
void kernels_moment_axes(const double *columns, int32_t count, float least_log_scale,
                         float *splats);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
