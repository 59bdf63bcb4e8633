// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Small dense linear algebra by Eigen 3.4, behind C because Eigen is C++ templates.
//
// Every matrix is row-major and of doubles. Nothing is kept: all memory belongs to the caller, and
// an output may not overlap an input. Every function is a pure function of its inputs.

#ifndef DIORAMA_CEIGEN_H
#define DIORAMA_CEIGEN_H

#ifdef __cplusplus
extern "C" {
#endif

// Minimises |jacobian * x - b|^2 + damping^2 * |x|^2 over x (Levenberg 1944; for robot arms:
// Wampler 1986).
//
//   jacobian    (rows x columns)
//   b           (rows)
//   damping     >= 0, in units of the jacobian's singular values; 0 gives the least-norm solution
//   x           (columns) output
//
// Returns 1, or 0 when the sizes are not positive or an input or the result is not finite; x is
// then zero. By the singular values: safe for any rank; a few microseconds at 6 x 6.
int ceigen_solve_damped_least_squares(
    const double *_Nonnull jacobian, int rows, int columns, const double *_Nonnull b,
    double damping, double *_Nonnull x);

// The eigenvalues, ascending, and unit eigenvectors of a symmetric 3 x 3 matrix.
//
//   matrix         (3 x 3), of which the lower triangle is read
//   eigenvalues    (3) output
//   eigenvectors   (3 x 3) output: row k belongs to eigenvalues[k]; its sign is chosen so that its
//                  component of largest magnitude is positive
//
// Returns 1, or 0 when an input is not finite; the outputs are then zero.
int ceigen_symmetric_eigen3(
    const double *_Nonnull matrix, double *_Nonnull eigenvalues, double *_Nonnull eigenvectors);

#ifdef __cplusplus
}
#endif
#endif
