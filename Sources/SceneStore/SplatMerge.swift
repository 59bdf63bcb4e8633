// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
package import Splats

/// Fewer splats that look alike from afar, and how far they are from those they stand for.
package struct MergedSplats: Equatable, Sendable {
  /// The splats, in the frame of those that were merged.
  package var cloud: SplatCloud
  /// The distance between the splats and those they stand for, metres: the root of the mean of its
  /// square, by opacity times area.
  package var error: Double
}

extension SplatCloud {
  /// Joins neighbours two by two, `rounds` times over: each leaves about half of the splats.
  ///
  /// Two splats become the one with their mean, covariance and colour, weighted by opacity times
  /// area; its opacity keeps the sum of those products where that is not above 1 (Kerbl et al., "A
  /// hierarchical 3D Gaussian representation", 2024). An area is `4 pi sqrt(I / 3)` with I the
  /// second invariant of the covariance: an ellipsoid's surface by Thomsen's formula with exponent
  /// 2. The instance is that of the heavier one. Going along the cloud's order, which follows a
  /// curve through space, each splat not yet joined takes of the next eight that one for which the
  /// field changes least: `integral |a_i G_i + a_j G_j - a_m G_m|^2`, summed over red, green, blue
  /// and 1, in closed form.
  ///
  /// - Complexity: O(count); about 0.5 microseconds a splat.
  package func merged(rounds: Int) -> MergedSplats {
    merged(rounds: rounds, pairing: Self.partners)
  }

  /// Joins neighbours as `merged(rounds:)` does, with pairs found by the kernels or by their twin.
  func merged(rounds: Int, pairing: ([Blob]) -> [Int32]) -> MergedSplats {
    checkInvariants()
    var blobs = (0..<count).map { Blob(self, $0) }
    var rest = shRest
    let perSplat = restCoefficientCount * 3
    for _ in 0..<rounds {
      let partners = pairing(blobs)
      (blobs, rest) = Self.join(blobs, rest, perSplat, partners)
    }
    var cloud = SplatCloud(shDegree: shDegree)
    cloud.reserveCapacity(blobs.count)
    cloud.shRest = rest
    var (moved, weight) = (0.0, 0.0)
    for blob in blobs {
      let splat = blob.splat
      cloud.positions.append(splat.position)
      cloud.logScales.append(splat.logScale)
      cloud.rotations.append(splat.rotation)
      cloud.opacityLogits.append(splat.opacityLogit)
      cloud.sh0.append(splat.sh0)
      moved += blob.moved
      weight += blob.weight
    }
    if !instanceIDs.isEmpty { cloud.instanceIDs = blobs.map(\.instance) }
    return MergedSplats(cloud: cloud, error: weight > 0 ? (moved / weight).squareRoot() : 0)
  }

  /// For each blob that takes another the index of that one, else -1; see `kernels_pair_splats`.
  static func partners(_ blobs: [Blob]) -> [Int32] {
    let count = blobs.count
    var columns: [Double] = []
    columns.reserveCapacity(Int(KERNELS_MOMENT_COLUMNS) * count)
    for axis in 0..<3 { columns += blobs.lazy.map { $0.mean[axis] } }
    columns += blobs.lazy.map { $0.covariance.xx }
    columns += blobs.lazy.map { $0.covariance.xy }
    columns += blobs.lazy.map { $0.covariance.xz }
    columns += blobs.lazy.map { $0.covariance.yy }
    columns += blobs.lazy.map { $0.covariance.yz }
    columns += blobs.lazy.map { $0.covariance.zz }
    columns += blobs.lazy.map { $0.determinant }
    columns += blobs.lazy.map { $0.opacity }
    for channel in 0..<3 { columns += blobs.lazy.map { $0.colour[channel] } }
    columns += blobs.lazy.map { $0.weight }
    return unsafe [Int32](unsafeUninitializedCapacity: count) { partners, initialized in
      initialized = count
      guard let target = partners.baseAddress else { return }
      unsafe columns.withUnsafeBufferPointer { columns in
        guard let source = columns.baseAddress else { return }
        unsafe kernels_pair_splats(source, Int32(count), target)
      }
    }
  }

  /// What `partners` does, slowly and in doubles: the twin of the kernel.
  static func partnersSlowly(_ blobs: [Blob]) -> [Int32] {
    var partners = [Int32](repeating: -1, count: blobs.count)
    var isTaken = [Bool](repeating: false, count: blobs.count)
    for first in blobs.indices where !isTaken[first] {
      let candidates = (first + 1..<blobs.count).lazy.filter { !isTaken[$0] }
        .prefix(Int(KERNELS_CANDIDATES))
      let best = candidates.min {
        blobs[first].cost(of: blobs[$0]) < blobs[first].cost(of: blobs[$1])
      }
      guard let best else { continue }
      partners[first] = Int32(best)
      isTaken[best] = true
    }
    return partners
  }

  private static func join(
    _ blobs: [Blob], _ rest: [Float], _ perSplat: Int, _ partners: [Int32]
  ) -> (blobs: [Blob], rest: [Float]) {
    var isTaken = [Bool](repeating: false, count: partners.count)
    for partner in partners where partner >= 0 { isTaken[Int(partner)] = true }
    var joined: [Blob] = []
    joined.reserveCapacity((blobs.count + 1) / 2)
    var joinedRest: [Float] = []
    joinedRest.reserveCapacity((blobs.count + 1) / 2 * perSplat)
    for (first, partner) in partners.enumerated() where !isTaken[first] {
      let own = rest[first * perSplat..<(first + 1) * perSplat]
      guard partner >= 0 else {
        joined.append(blobs[first])
        joinedRest += own
        continue
      }
      let (second, both) = (Int(partner), Blob(blobs[first], blobs[Int(partner)]))
      joined.append(both)
      let (u, v) = (blobs[first].weight / both.weight, blobs[second].weight / both.weight)
      for (a, b) in zip(own, rest[second * perSplat..<(second + 1) * perSplat]) {
        joinedRest.append(Float(u) * a + Float(v) * b)
      }
    }
    return (joined, joinedRest)
  }
}

/// A splat while it is merged: moments instead of axes.
struct Blob {
  var mean: SIMD3<Double>
  var covariance: Covariance
  var opacity: Double
  /// Opacity times area, square metres.
  var weight: Double
  /// Display-referred sRGB of degree 0.
  var colour: SIMD3<Double>
  var instance: UInt32
  /// The sum over all that were merged of the weight times the squared distance to the mean.
  var moved: Double
  /// Of the covariance.
  var determinant: Double

  /// What is added to the variances, so that flat splats have a volume: 1 mm squared.
  private static let thickness2 = 1e-6

  init(_ cloud: SplatCloud, _ index: Int) {
    let (r, s) = (cloud.rotations[index].normalized, cloud.logScales[index])
    let rotation = Quaternion<Double>(
      w: Double(r.w), x: Double(r.x), y: Double(r.y), z: Double(r.z))
    mean = SIMD3<Double>(cloud.positions[index])
    covariance = Covariance(
      rotation: rotation, deviations: SIMD3(exp(Double(s.x)), exp(Double(s.y)), exp(Double(s.z))))
    covariance.add(
      Covariance(xx: 1, xy: 0, xz: 0, yy: 1, yz: 0, zz: 1), weight: Self.thickness2)
    opacity = 1 / (1 + exp(-Double(cloud.opacityLogits[index])))
    weight = max(opacity * Self.area(covariance), .leastNormalMagnitude)
    colour = 0.5 + SphericalHarmonics.c0 * SIMD3<Double>(cloud.sh0[index])
    instance = cloud.instanceIDs.isEmpty ? 0 : cloud.instanceIDs[index]
    moved = 0
    determinant = covariance.determinant
  }

  /// The blob with the moments of two, but for the rest of the colour.
  init(_ a: Blob, _ b: Blob) {
    weight = a.weight + b.weight
    let (u, v) = (a.weight / weight, b.weight / weight)
    mean = u * a.mean + v * b.mean
    covariance = .zero
    covariance.add(a.covariance, weight: u)
    covariance.add(b.covariance, weight: v)
    let (toA, toB) = (a.mean - mean, b.mean - mean)
    covariance.add(outerSquareOf: toA, weight: u)
    covariance.add(outerSquareOf: toB, weight: v)
    opacity = min(1, weight / Self.area(covariance))
    colour = u * a.colour + v * b.colour
    instance = b.weight > a.weight ? b.instance : a.instance
    moved =
      a.moved + b.moved + a.weight * (toA * toA).sum() + b.weight * (toB * toB).sum()
    determinant = covariance.determinant
  }

  private static func area(_ covariance: Covariance) -> Double {
    4 * .pi * (max(covariance.secondInvariant, 0) / 3).squareRoot()
  }

  /// The integral of the product of two Gaussians of height 1, without the factor `(2 pi)^1.5`.
  private static func overlap(_ a: Blob, _ b: Blob) -> Double {
    let sum = a.covariance + b.covariance
    let determinant = sum.determinant
    let form = sum.inverseForm(a.mean - b.mean, determinant: determinant)
    return (max(a.determinant, 0) * max(b.determinant, 0) / determinant).squareRoot()
      * exp(-form / 2)
  }

  /// How much the field changes where one blob takes the place of this one and another.
  func cost(of other: Blob) -> Double {
    func strength(_ blob: Blob) -> SIMD4<Double> { blob.opacity * SIMD4(blob.colour, 1) }
    let all = [(self, 1.0), (other, 1.0), (Blob(self, other), -1.0)]
    var sum = 0.0
    for (a, signA) in all {
      for (b, signB) in all {
        sum += signA * signB * (strength(a) * strength(b)).sum() * Self.overlap(a, b)
      }
    }
    return sum
  }

  /// The splat with these moments.
  var splat: Splat {
    let (deviations, rotation) = covariance.principalAxes
    func logScale(_ deviation: Double) -> Float {
      let variance = max(deviation * deviation - Self.thickness2, 0)
      return max(Float(log(variance) / 2), SplatCloud.flatLogScale)
    }
    let bounded = min(max(opacity, 0), 1)
    let logit = log(bounded / (1 - bounded))
    let limit = Double(SplatCloud.opaqueLogit)
    return Splat(
      position: SIMD3<Float>(mean),
      logScale: SIMD3(logScale(deviations.x), logScale(deviations.y), logScale(deviations.z)),
      rotation: Quaternion(
        w: Float(rotation.w), x: Float(rotation.x), y: Float(rotation.y), z: Float(rotation.z)),
      opacityLogit: Float(min(max(logit, -limit), limit)),
      sh0: SIMD3<Float>((colour - 0.5) / SphericalHarmonics.c0))
  }
}
