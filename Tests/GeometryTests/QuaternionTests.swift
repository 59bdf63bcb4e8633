// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

/// Half a dozen roundings of numbers of size one.
private let roundingError = 2e-15

private let turns: [Quaternion<Double>] = [
  .identity,
  Quaternion(angle: 0.3, axis: SIMD3(1, 2, -3)),
  Quaternion(angle: 2.2, axis: SIMD3(-1, 0, 0.1)),
  Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)),
  Quaternion(angle: .pi, axis: SIMD3(0, 1, 0)),
  Quaternion(angle: .pi, axis: SIMD3(0, 0, 1)),
  Quaternion(angle: 3.1, axis: SIMD3(1, 1, 1)),
]

/// The largest difference of two parts: a product is one quaternion, not one of two.
private func gap(_ a: Quaternion<Double>, _ b: Quaternion<Double>) -> Double {
  max(max(abs(a.w - b.w), abs(a.x - b.x)), max(abs(a.y - b.y), abs(a.z - b.z)))
}

private func distance(_ a: Quaternion<Double>, _ b: Quaternion<Double>) -> Double {
  // A quaternion and its negative are the same rotation.
  let same = a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z
  return 1 - abs(same)
}

@Suite struct Quaternions {
  @Test func `multiply as Hamilton carved it`() {
    let i = Quaternion(w: 0.0, x: 1, y: 0, z: 0)
    let j = Quaternion(w: 0.0, x: 0, y: 1, z: 0)
    let k = Quaternion(w: 0.0, x: 0, y: 0, z: 1)
    #expect(i * j == k)
    #expect(j * k == i)
    #expect(k * i == j)
    #expect(i * i == Quaternion(w: -1.0, x: 0, y: 0, z: 0))
  }

  @Test func `rotate like the product q v q conjugate`() {
    let v = SIMD3<Double>(0.3, -2, 1)
    for q in turns {
      let sandwich = q * Quaternion(w: 0, x: v.x, y: v.y, z: v.z) * q.conjugate
      #expect(length(q.rotate(v) - sandwich.vector) < 4 * roundingError)
    }
  }

  @Test func `survive a round trip through a matrix`() {
    for q in turns {
      #expect(distance(Quaternion(matrix: q.matrix), q) < roundingError)
      #expect(Quaternion(matrix: q.matrix).w >= 0)
    }
  }

  @Test func `compose like their matrices`() {
    for a in turns {
      for b in turns {
        let (left, right) = ((a * b).matrix, a.matrix * b.matrix)
        #expect(length(left.column0 - right.column0) < roundingError)
        #expect(length(left.column1 - right.column1) < roundingError)
        #expect(length(left.column2 - right.column2) < roundingError)
      }
    }
  }

  @Test func `compose associatively`() {
    for a in turns {
      for b in turns {
        for c in turns { #expect(gap((a * b) * c, a * (b * c)) < roundingError) }
      }
    }
  }

  @Test func `are undone by their conjugate on either side`() {
    for q in turns {
      #expect(gap(q * q.conjugate, .identity) < roundingError)
      #expect(gap(q.conjugate * q, .identity) < roundingError)
    }
  }

  @Test func `read foreign orders by name`() {
    let q = Quaternion(w: 0.1, x: 0.2, y: 0.3, z: 0.4)
    #expect(Quaternion(wxyz: SIMD4(0.1, 0.2, 0.3, 0.4)) == q)
    #expect(Quaternion(xyzw: SIMD4(0.2, 0.3, 0.4, 0.1)) == q)
  }

  @Test func `become the identity where no direction is left`() {
    #expect(Quaternion(w: 0.0, x: 0, y: 0, z: 0).normalized == .identity)
    #expect(Quaternion(w: Double.nan, x: 0, y: 0, z: 0).normalized == .identity)
    #expect(Quaternion(w: Double.infinity, x: 0, y: 0, z: 0).normalized == .identity)
    #expect(Quaternion(w: 1.0, x: 0, y: -Double.infinity, z: 0).normalized == .identity)
    #expect(Quaternion(w: Float.nan, x: 1, y: 0, z: 0).direction == nil)
    #expect(Quaternion(w: Float.zero, x: -0.0, y: 0, z: 0).direction == nil)
    #expect(Quaternion(angle: 1.0, axis: SIMD3(0, 0, 0)) == .identity)
  }

  // The square of 1e30 is no float, and that of 1e-30 is zero.
  @Test(arguments: [1, 1e30, 1e-30, 3e38, .leastNonzeroMagnitude] as [Float])
  func `have a direction at any length that a number can have`(size: Float) {
    let half = Float(0.5).squareRoot()
    let direction = Quaternion(w: 0, x: -size, y: size, z: 0).direction
    // 1e-7: the last bit of a float.
    #expect(abs((direction?.x ?? 0) + half) < 1e-7 && abs((direction?.y ?? 0) - half) < 1e-7)
    #expect(direction?.w == 0 && direction?.z == 0)
  }
}

@Suite struct `Matrix of three columns` {
  private let m = Matrix3(columns: SIMD3(1, 2, 3), SIMD3(0, 1, 4), SIMD3(5, 6, 0))

  @Test func `has the determinant of the textbook`() {
    // Rows (1 0 5), (2 1 6), (3 4 0): 1 * (0 - 24) - 0 + 5 * (8 - 3) = 1.
    #expect(m.determinant == 1)
    #expect(m.transpose.determinant == 1)
  }

  @Test func `multiplies row by column`() {
    #expect(m * SIMD3(1, 1, 1) == SIMD3(6, 9, 7))
    #expect(m * Matrix3.identity == m)
    #expect((m * m).column0 == m * m.column0)
    #expect((m * m.transpose).transpose == m * m.transpose)
  }
}
