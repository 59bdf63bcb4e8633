// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
import Splats
import Testing

/// A cloud of random splats with every column filled.
private func randomCloud(count: Int, shDegree: Int, seed: UInt64) -> SplatCloud {
  var stream = RandomStream(seed: seed, purpose: "cloud")
  var cloud = SplatCloud(shDegree: shDegree)
  func triple() -> SIMD3<Float> {
    SIMD3(Float(stream.normal()), Float(stream.normal()), Float(stream.normal()))
  }
  for _ in 0..<count {
    let q = Quaternion<Float>(
      w: Float(stream.normal()), x: Float(stream.normal()), y: Float(stream.normal()),
      z: Float(stream.normal()))
    let rest = (0..<cloud.restCoefficientCount * 3).map { _ in Float(stream.normal()) * 0.1 }
    cloud.append(
      Splat(
        position: triple(), logScale: triple() - 3, rotation: q.normalized,
        opacityLogit: Float(stream.normal()), sh0: triple()), rest: rest)
  }
  cloud.checkInvariants()
  return cloud
}

/// The 3 x 3 covariance of a splat, square metres.
private func covariance(_ cloud: SplatCloud, _ index: Int) -> Matrix3 {
  let q = cloud.rotations[index]
  let r = Quaternion<Double>(w: Double(q.w), x: Double(q.x), y: Double(q.y), z: Double(q.z)).matrix
  let s = cloud.logScales[index]
  let scaled = Matrix3(
    columns: r.column0 * exp(s.x), r.column1 * exp(s.y), r.column2 * exp(s.z))
  return scaled * scaled.transpose
}

private func exp(_ x: Float) -> Double {
  // e^x by squaring a short series: independent of the code under test, exact to 1e-12 here.
  let small = Double(x) / 1024
  var value = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)))
  for _ in 0..<10 { value *= value }
  return value
}

/// The cloud in flipped axes, by the three tables that readers and writers multiply with.
private func mirrored(_ cloud: SplatCloud, _ flip: AxisFlip) -> SplatCloud {
  var result = cloud
  let (axes, turns) = (flip.axisSigns, flip.rotationSigns)
  result.positions = cloud.positions.map { $0 * axes }
  result.rotations = cloud.rotations.map {
    Quaternion(w: $0.w, x: $0.x * turns.x, y: $0.y * turns.y, z: $0.z * turns.z)
  }
  let signs = flip.coefficientSigns(degree: cloud.shDegree)
  result.shRest = cloud.shRest.enumerated().map { $1 * signs[$0 / 3 % signs.count] }
  return result
}

private func distance(_ a: Matrix3, _ b: Matrix3) -> Double {
  length(a.column0 - b.column0) + length(a.column1 - b.column1) + length(a.column2 - b.column2)
}

/// Single precision on parts of size ten.
private let floatError = 1e-5

@Suite struct `Splat cloud` {
  private let bFromA = Similarity(
    rotation: Quaternion(angle: 2, axis: SIMD3(1, -1, 0.4)), translation: SIMD3(1, 2, 3), scale: 3)

  @Test func `moves its ellipsoids like their covariances`() {
    let cloud = randomCloud(count: 10, shDegree: 2, seed: 1)
    let moved = cloud.transformed(by: bFromA)
    moved.checkInvariants()
    let r = bFromA.rotation.matrix
    for index in 0..<cloud.count {
      let position = bFromA * SIMD3<Double>(cloud.positions[index])
      #expect(length(SIMD3<Double>(moved.positions[index]) - position) < floatError)
      let c = r * covariance(cloud, index) * r.transpose
      let expected = Matrix3(columns: c.column0 * 9, c.column1 * 9, c.column2 * 9)
      #expect(distance(covariance(moved, index), expected) < floatError * 10)
    }
  }

  @Test func `comes back when moved there and back`() {
    let cloud = randomCloud(count: 10, shDegree: 4, seed: 2)
    let back = cloud.transformed(by: bFromA).transformed(by: bFromA.inverse)
    for index in 0..<cloud.count {
      #expect(length(back.positions[index] - cloud.positions[index]) < Float(floatError))
      #expect(length(back.logScales[index] - cloud.logScales[index]) < Float(floatError))
    }
    for (found, expected) in zip(back.shRest, cloud.shRest) {
      #expect(abs(found - expected) < Float(floatError))
    }
  }

  @Test(arguments: 0..<8) func `flips to the mirror image`(axes: Int) {
    let flip = AxisFlip(x: axes & 1 != 0, y: axes & 2 != 0, z: axes & 4 != 0)
    let cloud = randomCloud(count: 10, shDegree: 4, seed: 3)
    let flipped = mirrored(cloud, flip)
    let s = SIMD3<Double>(flip.axisSigns)
    let mirror = Matrix3(columns: SIMD3(s.x, 0, 0), SIMD3(0, s.y, 0), SIMD3(0, 0, s.z))
    let direction = SIMD3<Float>(0.3, -0.5, 0.8)
    for index in 0..<cloud.count {
      #expect(flipped.positions[index] == cloud.positions[index] * flip.axisSigns)
      let expected = mirror * covariance(cloud, index) * mirror
      #expect(distance(covariance(flipped, index), expected) < floatError)
      let before = cloud.colour(of: index, seenAlong: direction)
      let after = flipped.colour(of: index, seenAlong: direction * flip.axisSigns)
      #expect(length(after - before) < Float(floatError))
    }
    #expect(mirrored(flipped, flip) == cloud)
    #expect((flipped == cloud) == (flip == .none))
  }

  @Test func `flips as half a turn about x between RUB and RDF`() {
    let cloud = randomCloud(count: 5, shDegree: 3, seed: 4)
    let flipped = mirrored(cloud, .rdfFromRUB)
    let turned = cloud.transformed(
      by: Similarity(rotation: Quaternion(w: 0, x: 1, y: 0, z: 0)))
    for index in 0..<cloud.count {
      #expect(length(flipped.positions[index] - turned.positions[index]) < Float(floatError))
    }
    for (found, expected) in zip(flipped.shRest, turned.shRest) {
      #expect(abs(found - expected) < Float(floatError))
    }
  }

  @Test func `keeps its columns together when joined and cut`() {
    let first = randomCloud(count: 3, shDegree: 2, seed: 5)
    var second = randomCloud(count: 2, shDegree: 1, seed: 6)
    second.instanceIDs = [7, 8]
    var joined = first
    joined.append(contentsOf: second)
    joined.checkInvariants()
    #expect(joined.instanceIDs == [0, 0, 0, 7, 8])
    #expect(joined.subset([0, 1, 2]).shRest == first.shRest)
    let tail = joined.subset([4, 3, 4])
    tail.checkInvariants()
    #expect(tail.instanceIDs == [8, 7, 8])
    #expect(tail.positions == [second.positions[1], second.positions[0], second.positions[1]])
    // Degree 1 stands first, degree 2 is filled with zeros.
    #expect(Array(tail.shRest[24..<33]) == Array(second.shRest[0..<9]))
    #expect(tail.shRest[33..<48].allSatisfy { $0 == 0 })
    joined.append(contentsOf: first)
    joined.checkInvariants()
    #expect(joined.instanceIDs == [0, 0, 0, 7, 8, 0, 0, 0])
  }

  @Test func `has the bounds of its finite centres`() {
    var cloud = randomCloud(count: 3, shDegree: 0, seed: 7)
    cloud.positions = [SIMD3(1, 2, 3), SIMD3(.nan, 0, 0), SIMD3(-1, 5, 3)]
    #expect(cloud.bounds.minimum == SIMD3(-1, 2, 3))
    #expect(cloud.bounds.maximum == SIMD3(1, 5, 3))
    #expect(SplatCloud(shDegree: 0).bounds.isEmpty)
  }

  @Test func `repairs what has one meaning and removes what cannot be drawn`() {
    var cloud = randomCloud(count: 12, shDegree: 1, seed: 8)
    #expect(cloud.firstInvalidIndex == nil && cloud.repair() == SplatRepairs())
    let whole = cloud
    // None of these can be drawn.
    cloud.positions[1].y = .nan
    cloud.logScales[2].z = .infinity
    cloud.sh0[3].x = -.infinity
    cloud.shRest[4 * 9 + 8] = .nan
    cloud.opacityLogits[5] = .nan
    // These are opaque, clear, flat and not turned.
    cloud.opacityLogits[6] = .infinity
    cloud.opacityLogits[7] = -.infinity
    cloud.logScales[8].x = -.infinity
    cloud.rotations[9] = Quaternion(w: 0, x: 0, y: 0, z: 0)
    cloud.rotations[10] = Quaternion(w: 1, x: .nan, y: 0, z: 0)
    // A splat that goes is not counted as repaired too.
    (cloud.opacityLogits[1], cloud.rotations[1].w) = (.infinity, .nan)
    #expect(cloud.firstInvalidIndex == 1)
    var expected = SplatRepairs()
    expected.droppedNonFinite = 5
    expected.infiniteOpacities = 2
    expected.flatSplats = 1
    expected.undefinedRotations = 2
    #expect(cloud.repair() == expected)
    cloud.checkInvariants()
    #expect(cloud.positions == ([0] + Array(6..<12)).map { whole.positions[$0] })
    #expect(cloud.opacityLogits[1...2] == [SplatCloud.opaqueLogit, -SplatCloud.opaqueLogit])
    #expect(cloud.logScales[3].x == SplatCloud.flatLogScale)
    #expect(cloud.rotations[4] == .identity && cloud.rotations[5] == .identity)
    // 1e-7: the rotation is made to length one again.
    #expect(abs(cloud.rotations[6].w - whole.rotations[11].w) < 1e-7)
    #expect(cloud.firstInvalidIndex == nil && cloud.repair() == SplatRepairs())
  }

  @Test func `gives every rotation length one`() {
    var cloud = randomCloud(count: 2, shDegree: 0, seed: 9)
    cloud.rotations = [
      Quaternion(w: 3, x: 0, y: -4, z: 0), Quaternion(w: 0, x: 0, y: 1e30, z: 0),
    ]
    #expect(cloud.repair() == SplatRepairs())
    // 1e-7: one rounding of a float.
    #expect(abs(cloud.rotations[0].w - 0.6) < 1e-7 && abs(cloud.rotations[0].y + 0.8) < 1e-7)
    #expect(cloud.rotations[1] == Quaternion(w: 0, x: 0, y: 1, z: 0))
  }

  @Test func `turns a splat without a rotation as one that is not turned`() {
    var cloud = randomCloud(count: 3, shDegree: 0, seed: 10)
    cloud.rotations[0] = Quaternion(w: 0, x: 0, y: 0, z: 0)
    cloud.rotations[1] = Quaternion(w: .infinity, x: 0, y: 0, z: 0)
    cloud.rotations[2] = .identity
    let moved = cloud.transformed(by: bFromA)
    #expect(moved.rotations[0] == moved.rotations[2])
    #expect(moved.rotations[1] == moved.rotations[2])
  }
}
