// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Levels of detail: which splats are joined.

#ifndef DIORAMA_LEVELS_H
#define DIORAMA_LEVELS_H

#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

enum {
  /// The columns of moments: mean x y z (metres), covariance xx xy xz yy yz zz (square metres) and
  /// its determinant, opacity, red, green, blue (display-referred sRGB), and opacity times area.
  KERNELS_MOMENT_COLUMNS = 15,
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

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
