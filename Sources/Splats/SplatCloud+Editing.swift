// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// One splat, for building a cloud a splat at a time; encodings are those of `SplatCloud`.
package struct Splat: Equatable, Sendable {
  /// The centre in the cloud's frame, metres.
  package var position: SIMD3<Float>
  /// The logarithms of the standard deviations, ln metres.
  package var logScale: SIMD3<Float>
  /// The orientation, cloud from ellipsoid.
  package var rotation: Quaternion<Float>
  /// The opacity before the logistic function.
  package var opacityLogit: Float
  /// The degree-0 colour coefficients, RGB.
  package var sh0: SIMD3<Float>

  /// Makes a splat from its parts.
  package init(
    position: SIMD3<Float>, logScale: SIMD3<Float>, rotation: Quaternion<Float>,
    opacityLogit: Float, sh0: SIMD3<Float>
  ) {
    self.position = position
    self.logScale = logScale
    self.rotation = rotation
    self.opacityLogit = opacityLogit
    self.sh0 = sh0
  }

  /// Returns the degree-0 coefficients that show a colour, sRGB 0...1, from every side.
  package static func sh0(colourSRGB: SIMD3<Float>) -> SIMD3<Float> {
    (colourSRGB - 0.5) / Float(SphericalHarmonics.c0)
  }
}

extension SplatCloud {
  /// Appends one splat; its coefficients above degree 0 are `rest`, or zero where `rest` is empty.
  ///
  /// `rest` holds K x 3 coefficients, coefficient-major, RGB inner, or none.
  package mutating func append(_ splat: Splat, rest: [Float] = []) {
    let restCount = restCoefficientCount * 3
    precondition(rest.isEmpty || rest.count == restCount, "\(restCount) rest coefficients")
    positions.append(splat.position)
    logScales.append(splat.logScale)
    rotations.append(splat.rotation)
    opacityLogits.append(splat.opacityLogit)
    sh0.append(splat.sh0)
    if rest.isEmpty {
      shRest.append(contentsOf: repeatElement(0, count: restCount))
    } else {
      shRest.append(contentsOf: rest)
    }
    if !instanceIDs.isEmpty { instanceIDs.append(0) }
  }

  /// Appends another cloud of at most this cloud's SH degree; missing coefficients become zero.
  package mutating func append(contentsOf other: SplatCloud) {
    precondition(other.shDegree <= shDegree, "the appended cloud has a lower or equal SH degree")
    if instanceIDs.isEmpty && !other.instanceIDs.isEmpty {
      instanceIDs = Array(repeating: 0, count: count)
    }
    let padded = !instanceIDs.isEmpty && other.instanceIDs.isEmpty
    instanceIDs += padded ? Array(repeating: 0, count: other.count) : other.instanceIDs
    positions += other.positions
    logScales += other.logScales
    rotations += other.rotations
    opacityLogits += other.opacityLogits
    sh0 += other.sh0
    guard other.shDegree < shDegree else {
      shRest += other.shRest
      return
    }
    let (own, foreign) = (restCoefficientCount * 3, other.restCoefficientCount * 3)
    for index in 0..<other.count {
      shRest += other.shRest[index * foreign..<(index + 1) * foreign]
      shRest.append(contentsOf: repeatElement(0, count: own - foreign))
    }
  }

  /// Returns the splats at the given indices, in that order; an index may occur more than once.
  package func subset(_ indices: [Int]) -> SplatCloud {
    var result = SplatCloud(shDegree: shDegree)
    let restCount = restCoefficientCount * 3
    result.positions = indices.map { positions[$0] }
    result.logScales = indices.map { logScales[$0] }
    result.rotations = indices.map { rotations[$0] }
    result.opacityLogits = indices.map { opacityLogits[$0] }
    result.sh0 = indices.map { sh0[$0] }
    if !instanceIDs.isEmpty { result.instanceIDs = indices.map { instanceIDs[$0] } }
    result.shRest.reserveCapacity(indices.count * restCount)
    for index in indices {
      result.shRest += shRest[index * restCount..<(index + 1) * restCount]
    }
    return result
  }
}
