// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats
import Testing

@testable import SceneStore

/// The kernels of levels of detail beside their slow twins.
@Suite struct `Splats by moments` {
  private static let offset = SIMD3<Float>(32, -32, 0)

  /// A page, and the blobs of its splats moved by the offset.
  private static func page(count: Int, seed: UInt64) -> (page: SplatPage, blobs: [Blob]) {
    let page = SplatPage(mixedSplats(count: count, instanceCount: 5, seed: seed))
    var cloud = page.cloud
    for index in 0..<count { cloud.positions[index] += offset }
    return (page, (0..<count).map { Blob(cloud, $0) })
  }

  /// What the kernels say of a splat, in the order of the columns.
  private static func numbers(_ blob: Blob) -> [Double] {
    let c = blob.covariance
    return [
      blob.mean.x, blob.mean.y, blob.mean.z, c.xx, c.xy, c.xz, c.yy, c.yz, c.zz, blob.determinant,
      blob.opacity, blob.colour.x, blob.colour.y, blob.colour.z, blob.weight, blob.moved,
    ]
  }

  /// How far two splats may be apart in each column.
  ///
  /// A page's deviations and rotations are floats here and doubles there: 1e-6 of a variance, and
  /// of a determinant what the variances allow.
  private static func tolerances(_ blob: Blob) -> [Double] {
    let c = blob.covariance
    let variance = c.xx + c.yy + c.zz
    let covariance = [Double](repeating: 2e-6 * variance, count: 6)
    return [1e-5, 1e-5, 1e-5] + covariance
      + [5e-5 * blob.determinant + 1e-11 * variance * variance, 2e-7, 1e-6, 1e-6, 1e-6]
      + [1e-5 * blob.weight + 1e-7 * variance, 1e-4 * blob.moved + 1e-9]
  }

  private static func expectAgreement(_ moments: SplatMoments, _ blobs: [Blob]) {
    #expect(moments.count == blobs.count)
    for (index, blob) in blobs.enumerated() {
      for (column, wanted) in numbers(blob).enumerated() {
        let found = moments.columns[column * blobs.count + index]
        #expect(
          abs(found - wanted) <= tolerances(blob)[column],
          "splat \(index), column \(column): \(found), \(wanted)")
      }
    }
  }

  @Test(arguments: [1, 15, 16, 17, 300]) func `a page has the moments of its splats`(count: Int) {
    let (page, blobs) = Self.page(count: count, seed: UInt64(count))
    Self.expectAgreement(SplatMoments([(page, Self.offset)]), blobs)
    // Of two pages, one behind the other.
    Self.expectAgreement(
      SplatMoments([(page, Self.offset), (page, Self.offset)]), blobs + blobs)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func `pairs are joined as blobs are`(seed: UInt64)
  {
    // An odd number, so that one stays alone.
    let (page, blobs) = Self.page(count: 301, seed: seed)
    var moments = SplatMoments([(page, Self.offset)])
    let partners = SplatCloud.partners(blobs)
    moments.joinNeighbours()
    let taken = Set(partners.filter { $0 >= 0 }.map { Int($0) })
    let joined = blobs.indices.filter { !taken.contains($0) }.map { first in
      partners[first] >= 0 ? Blob(blobs[first], blobs[Int(partners[first])]) : blobs[first]
    }
    Self.expectAgreement(moments, joined)
    let splats = moments.splats
    #expect(splats.places.map { splats.instances[Int($0)] } == joined.map(\.instance))
  }

  @Test func `splats have the moments they are made from`() {
    let (page, _) = Self.page(count: 333, seed: 3)
    var moments = SplatMoments([(page, .zero)])
    moments.joinNeighbours()
    let splats = moments.splats
    func number(_ column: Int, _ index: Int) -> Double {
      Double(splats.numbers[column * splats.count + index])
    }
    for index in 0..<splats.count {
      let rotation = Quaternion(
        w: number(6, index), x: number(7, index), y: number(8, index), z: number(9, index))
      #expect(abs(rotation.w * rotation.w + (rotation.vector * rotation.vector).sum() - 1) < 1e-6)
      let covariance = Covariance(
        rotation: rotation,
        deviations: SIMD3(
          exp(number(3, index)), exp(number(4, index)), exp(number(5, index))))
      // Without the square millimetre that is added.
      let found = [
        covariance.xx + 1e-6, covariance.xy, covariance.xz, covariance.yy + 1e-6, covariance.yz,
        covariance.zz + 1e-6,
      ]
      let variance = found[0] + found[3] + found[5]
      for (k, value) in found.enumerated() {
        let wanted = moments.columns[(3 + k) * splats.count + index]
        #expect(abs(value - wanted) < 3e-6 * variance, "splat \(index), \(k)")
      }
    }
  }

  @Test(arguments: [1, 16, 17, 300, 70_000]) func `pages are packed as the twin packs them`(
    count: Int
  ) {
    let cloud = mixedSplats(
      count: count, shDegree: count == 300 ? 2 : 0, instanceCount: count < 20 ? 1 : 400)
    let (page, twin) = (SplatPage(cloud), SplatPage(slowly: cloud))
    #expect(page.ranges == twin.ranges && page.instances == twin.instances)
    #expect(page.rest == twin.rest)
    // Half a step may be rounded up or down; in a rotation it is one of ten bits of a word.
    var differing = 0
    for column in 0..<SplatPage.fixedColumnCount {
      for slot in 0..<count {
        let place = column * count + slot
        let (found, wanted) = (page.columns[place], twin.columns[place])
        guard found != wanted else { continue }
        differing += 1
        let isRotation = (SplatPage.rotationColumn..<SplatPage.opacityColumn).contains(column)
        #expect(isRotation || abs(Int(found) - Int(wanted)) == 1)
      }
    }
    #expect(differing <= count / 500)
    #expect(page.columns.dropFirst(17 * count) == twin.columns.dropFirst(17 * count))
  }

  @Test func `a page reaches as far as its splats`() {
    let id = CellID(level: 5, column: 3, row: -4)
    for count in [1, 17, 500] {
      let page = SplatPage(mixedSplats(count: count, seed: 9))
      #expect(
        SceneCell(id: id, page: page, error: 1) == SceneCell(id: id, cloud: page.cloud, error: 1))
    }
  }
}
