// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
package import Splats

/// How points become splats.
package struct PointSplatOptions: Equatable, Sendable {
  /// The standard deviation along the surface, as a share of the mean distance to the neighbours.
  package var widthShare: Float = 0.7
  /// The standard deviation across the surface, as a share of that along it, where it is level.
  package var flatness: Float = 0.2
  /// The smallest and largest standard deviation, in the points' unit.
  package var widthRange: ClosedRange<Float> = 0.0005...0.25
  /// The opacity of every splat, in (0, 1).
  package var opacity: Float = 0.95

  /// Makes the options that suit a view of the points as they are, without training.
  package init() {}
}

extension CapturedPoints {
  /// The number of neighbours whose mean distance sets a splat's size, as in the training code.
  private static let sizeNeighbourCount = 3
  /// The number of neighbours whose spread sets a splat's orientation.
  private static let normalNeighbourCount = 8

  /// Returns one splat a point, as wide as the distance to its nearest neighbours, flat on
  /// surfaces.
  ///
  /// The start of splat training (Kerbl et al. 2023, section 5.1), made to be looked at untrained:
  /// nearly opaque, and turned to the plane of the neighbours where those lie in one. Colour has
  /// SH degree 0.
  ///
  /// - Complexity: O(n log n); about 3 microseconds a point.
  package func splats(_ options: PointSplatOptions = PointSplatOptions()) -> SplatCloud {
    var cloud = SplatCloud(shDegree: 0)
    cloud.reserveCapacity(count)
    let index = PointIndex(positions)
    let logit = log(options.opacity / (1 - options.opacity))
    for (position, colour) in zip(positions, coloursSRGB) {
      // The first neighbour is the point itself, or one at the same place.
      let neighbours = index.nearest(to: position, count: Self.normalNeighbourCount + 1).dropFirst()
      let nearest = neighbours.prefix(Self.sizeNeighbourCount)
      let sum = nearest.reduce(Float(0)) { $0 + $1.distanceSquared.squareRoot() }
      let width = min(
        max(options.widthShare * sum / Float(max(nearest.count, 1)), options.widthRange.lowerBound),
        options.widthRange.upperBound)
      let surface = surface(around: position, neighbours.map(\.index))
      let thickness = width * (options.flatness + (1 - options.flatness) * surface.roughness)
      cloud.append(
        Splat(
          position: position, logScale: SIMD3(log(width), log(width), log(thickness)),
          rotation: surface.orientation, opacityLogit: logit,
          sh0: Splat.sh0(colourSRGB: colour)))
    }
    return cloud
  }

  /// The rotation that takes z to the normal of the neighbours' plane, and how far they leave it.
  ///
  /// Roughness is 0 for points in a plane and 1 for points that spread alike in all directions.
  private func surface(
    around position: SIMD3<Float>, _ neighbours: [Int]
  ) -> (orientation: Quaternion<Float>, roughness: Float) {
    var covariance = Matrix3(columns: .zero, .zero, .zero)
    for neighbour in neighbours {
      let d = SIMD3<Double>(positions[neighbour] - position)
      covariance.column0 += d * d.x
      covariance.column1 += d * d.y
      covariance.column2 += d * d.z
    }
    guard neighbours.count >= 3, let eigen = symmetricEigen(covariance), eigen.values.y > 0 else {
      return (.identity, 1)
    }
    let normal = eigen.vectors.column0
    let along = eigen.vectors.column2
    let q = Quaternion(matrix: Matrix3(columns: along, cross(normal, along), normal))
    let roughness = (max(eigen.values.x, 0) / eigen.values.y).squareRoot()
    return (
      Quaternion(w: Float(q.w), x: Float(q.x), y: Float(q.y), z: Float(q.z)),
      Float(min(roughness, 1))
    )
  }
}
