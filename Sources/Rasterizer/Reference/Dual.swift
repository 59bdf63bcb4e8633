// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A number that carries its derivatives with up to sixteen parameters (Clifford, 1871).
struct Dual {
  var value: Double
  var slope: SIMD16<Double>

  /// A constant.
  init(_ value: Double) {
    self.value = value
    slope = .zero
  }

  /// The value of a parameter.
  init(_ value: Double, parameter: Int) {
    self.init(value)
    slope[parameter] = 1
  }

  private init(_ value: Double, _ slope: SIMD16<Double>) {
    self.value = value
    self.slope = slope
  }

  static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.slope + b.slope) }
  static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.slope - b.slope) }
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, a.value * b.slope + b.value * a.slope)
  }
  static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(quotient, (a.slope - quotient * b.slope) / b.value)
  }
  static func + (a: Dual, b: Double) -> Dual { a + Dual(b) }
  static func - (a: Dual, b: Double) -> Dual { a - Dual(b) }
  static func * (a: Double, b: Dual) -> Dual { Dual(a * b.value, a * b.slope) }
  static func / (a: Double, b: Dual) -> Dual { Dual(a) / b }

  func squareRoot() -> Dual {
    let root = value.squareRoot()
    return Dual(root, slope / (2 * root))
  }

  func exponential() -> Dual { Dual(exp(value), exp(value) * slope) }

  func logarithm() -> Dual { Dual(log(value), slope / value) }

  /// The number, or a bound that it lies beyond, which has no derivative.
  func clamped(_ least: Double, _ most: Double) -> Dual {
    value < least ? Dual(least) : value > most ? Dual(most) : self
  }
}

/// A vector of numbers with derivatives.
struct DualVector {
  var x: Dual
  var y: Dual
  var z: Dual

  static func + (a: DualVector, b: DualVector) -> DualVector {
    DualVector(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z)
  }
  static func * (a: Dual, b: DualVector) -> DualVector {
    DualVector(x: a * b.x, y: a * b.y, z: a * b.z)
  }

  func dot(_ b: DualVector) -> Dual { x * b.x + y * b.y + z * b.z }

  /// The product with a constant vector.
  func dot(_ b: SIMD3<Double>) -> Dual { b.x * x + b.y * y + b.z * z }
}
