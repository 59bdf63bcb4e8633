// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#include "ceigen.h"

#include <algorithm>
#include <eigen3/Eigen/Eigenvalues>
#include <eigen3/Eigen/SVD>

namespace {
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrix3 = Eigen::Matrix<double, 3, 3, Eigen::RowMajor>;

// Singular values below this share of the largest count as zero when nothing damps them.
constexpr double kRankTolerance = 1e-12;
}  // namespace

int ceigen_solve_damped_least_squares(const double *jacobian, int rows, int columns,
                                      const double *b, double damping, double *x) {
  if (columns > 0) std::fill(x, x + columns, 0.0);
  if (rows <= 0 || columns <= 0 || !(damping >= 0)) return 0;
  const Eigen::Map<const RowMatrix> j(jacobian, rows, columns);
  const Eigen::Map<const Eigen::VectorXd> rhs(b, rows);
  if (!j.allFinite() || !rhs.allFinite()) return 0;
  // x = V diag(s / (s^2 + damping^2)) U^T b
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(j, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd &s = svd.singularValues();
  Eigen::VectorXd gain(s.size());
  for (Eigen::Index k = 0; k < s.size(); ++k) {
    const bool counts = s[k] > kRankTolerance * s[0];
    gain[k] = counts ? s[k] / (s[k] * s[k] + damping * damping) : 0.0;
  }
  const Eigen::VectorXd solution =
      svd.matrixV() * gain.cwiseProduct(svd.matrixU().transpose() * rhs);
  if (!solution.allFinite()) return 0;
  Eigen::Map<Eigen::VectorXd>(x, columns) = solution;
  return 1;
}

int ceigen_symmetric_eigen3(const double *matrix, double *eigenvalues, double *eigenvectors) {
  std::fill(eigenvalues, eigenvalues + 3, 0.0);
  std::fill(eigenvectors, eigenvectors + 9, 0.0);
  const Eigen::Map<const RowMatrix3> m(matrix);
  if (!m.allFinite()) return 0;
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(m);
  if (solver.info() != Eigen::Success) return 0;
  for (int k = 0; k < 3; ++k) {
    Eigen::Vector3d vector = solver.eigenvectors().col(k);
    Eigen::Index largest = 0;
    vector.cwiseAbs().maxCoeff(&largest);
    if (vector[largest] < 0) vector = -vector;
    eigenvalues[k] = solver.eigenvalues()[k];
    for (int i = 0; i < 3; ++i) eigenvectors[3 * k + i] = vector[i];
  }
  return 1;
}
