// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Splats

/// How a loss changes with the pixels of a picture, row-major; an empty column is zero everywhere.
package struct ImageGradients: Equatable, Sendable {
  /// With `Rendering.floatColour`: [height x width x 3], RGB inner.
  package var colour: [Float]
  /// With `Rendering.alpha`: [height x width].
  package var alpha: [Float]
  /// With `Rendering.depth`: [height x width], 1/metre; counts where a depth is given.
  package var depth: [Float]

  /// Makes gradients from their columns.
  package init(colour: [Float] = [], alpha: [Float] = [], depth: [Float] = []) {
    self.colour = colour
    self.alpha = alpha
    self.depth = depth
  }

  /// Traps unless every column is empty or has the picture's size.
  func check(width: Int, height: Int) {
    let pixels = width * height
    precondition(colour.isEmpty || colour.count == pixels * 3, "colour gradients: the size differs")
    precondition(alpha.isEmpty || alpha.count == pixels, "alpha gradients: the size differs")
    precondition(depth.isEmpty || depth.count == pixels, "depth gradients: the size differs")
  }
}

/// How a loss changes with the columns of a `SplatCloud`, each in the cloud's order.
///
///     positions       1/metre                                                    (count)
///     logScales       1                                                          (count)
///     rotations       with the four parts as they are stored; of the quaternion  (count)
///                     only its direction is drawn, so they stand at right angles to it
///     opacityLogits   1                                                          (count)
///     sh0             1                                                          (count)
///     shRest          1; zero for degree 4, which is not drawn           (count * K * 3)
package struct SplatGradients: Equatable, Sendable {
  /// With the centres.
  package var positions: [SIMD3<Float>]
  /// With the logarithms of the deviations.
  package var logScales: [SIMD3<Float>]
  /// With the quaternions' parts.
  package var rotations: [Quaternion<Float>]
  /// With the opacities before the logistic function.
  package var opacityLogits: [Float]
  /// With the colour coefficients of degree 0, RGB.
  package var sh0: [SIMD3<Float>]
  /// With those of degrees 1 and up: [count x K x 3], RGB inner.
  package var shRest: [Float]

  /// Makes gradients that are zero, for a cloud of this many splats.
  package init(count: Int, restCoefficientCount: Int) {
    positions = Array(repeating: .zero, count: count)
    logScales = positions
    rotations = Array(repeating: Quaternion(w: 0, x: 0, y: 0, z: 0), count: count)
    opacityLogits = Array(repeating: 0, count: count)
    sh0 = positions
    shRest = Array(repeating: 0, count: count * restCoefficientCount * 3)
  }

  /// Makes gradients that are zero, of the cloud's size.
  package init(of cloud: SplatCloud) {
    self.init(count: cloud.count, restCoefficientCount: cloud.restCoefficientCount)
  }

  /// Traps unless every column has the size of the cloud's.
  func check(_ cloud: SplatCloud) {
    precondition(
      positions.count == cloud.count && logScales.count == cloud.count
        && rotations.count == cloud.count && opacityLogits.count == cloud.count
        && sh0.count == cloud.count && shRest.count == cloud.shRest.count,
      "the gradients are of another cloud")
  }
}
