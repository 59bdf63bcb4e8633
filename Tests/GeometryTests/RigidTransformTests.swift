// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

/// A dozen roundings of numbers below 10.
private let roundingError = 1e-14

private let samples = [
  RigidTransform(
    rotation: Quaternion(angle: 0.7, axis: SIMD3(1, 2, 3)), translation: SIMD3(4, 5, 6)),
  RigidTransform(
    rotation: Quaternion(angle: -2.9, axis: SIMD3(0, -1, 0.2)), translation: SIMD3(-1, 0, 2)),
  RigidTransform(
    rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(0, 0, -3)),
]

private let point = SIMD3<Double>(-1, 0.5, 2)

@Suite struct `Rigid transform` {
  @Test(arguments: samples) func `undoes itself when inverted`(bFromA: RigidTransform) {
    #expect(length(bFromA.inverse * (bFromA * point) - point) < roundingError)
    #expect(length(bFromA * (bFromA.inverse * point) - point) < roundingError)
    #expect(length((bFromA * bFromA.inverse) * point - point) < roundingError)
    #expect(length((bFromA.inverse * bFromA) * point - point) < roundingError)
  }

  @Test(arguments: samples) func `acts like its matrix`(bFromA: RigidTransform) {
    let expected = bFromA.rotation.matrix * point + bFromA.translation
    #expect(length(bFromA * point - expected) < roundingError)
  }

  @Test func `composes like functions`() {
    for cFromB in samples {
      for bFromA in samples {
        let cFromA = cFromB * bFromA
        #expect(length(cFromA * point - cFromB * (bFromA * point)) < roundingError)
      }
    }
  }

  @Test func `composes associatively`() {
    for c in samples {
      for b in samples {
        for a in samples {
          let (left, right) = ((c * b) * a, c * (b * a))
          // Up to 30 m from the origin: three times the size that the rounding is told for.
          #expect(length(left.translation - right.translation) < 3 * roundingError)
          #expect(length(left * point - right * point) < 3 * roundingError)
        }
      }
    }
  }

  @Test func `turns x to y by a quarter turn about z`() {
    let quarter = RigidTransform(
      rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 5)), translation: SIMD3(1, 0, 0))
    #expect(length(quarter * SIMD3(1, 0, 0) - SIMD3(1, 1, 0)) < roundingError)
  }
}

@Suite struct Similarities {
  private let cFromB = Similarity(
    rotation: Quaternion(angle: 1.1, axis: SIMD3(1, -2, 0.5)), translation: SIMD3(1, 2, 3),
    scale: 2.5)
  private let bFromA = Similarity(
    rotation: Quaternion(angle: -0.4, axis: SIMD3(0, 1, 1)), translation: SIMD3(-2, 0, 1),
    scale: 0.3)

  private let dFromC = Similarity(
    rotation: Quaternion(angle: 3, axis: SIMD3(1, 1, -0.2)), translation: SIMD3(0.5, -1, 0),
    scale: 0.8)

  @Test func `undo themselves when inverted, from either side`() {
    for similarity in [dFromC, cFromB, bFromA] {
      let inverse = similarity.inverse
      #expect(length(inverse * (similarity * point) - point) < roundingError)
      #expect(length(similarity * (inverse * point) - point) < roundingError)
      #expect(length((similarity * inverse) * point - point) < roundingError)
      #expect(length((inverse * similarity) * point - point) < roundingError)
    }
  }

  @Test func `compose associatively`() {
    let (left, right) = ((dFromC * cFromB) * bFromA, dFromC * (cFromB * bFromA))
    #expect(length(left * point - right * point) < roundingError)
    #expect(length(left.translation - right.translation) < roundingError)
    #expect(abs(left.scale - right.scale) < roundingError)
  }

  @Test func `compose like functions`() {
    let expected = cFromB * (bFromA * point)
    #expect(length((cFromB * bFromA) * point - expected) < roundingError)
  }

  @Test func `scale before they move`() {
    let twice = Similarity(translation: SIMD3(1, 0, 0), scale: 2)
    #expect(twice * SIMD3(1, 1, 1) == SIMD3(3, 2, 2))
  }

  @Test(arguments: samples) func `agree with a rigid transform at scale one`(
    rigid: RigidTransform
  ) {
    #expect(Similarity(rigid) * point == rigid * point)
  }
}
