// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Splats

/// The class of a surface and the thing it is part of, in the one number a scene keeps of a splat.
///
/// Where things are not counted it is the class's own id. Else there are 32 numbers from 256 on for
/// each thing, one for each class of its parts: those of a building's walls and of its roof differ.
package struct MapIdentifier: Hashable, Sendable {
  /// The class.
  package var semanticClass: SemanticClass
  /// The number of the thing from 1 on; 0 where things are not counted.
  package var thing: UInt32

  /// The numbers of each thing.
  private static let partCount: UInt32 = 32
  /// The largest number of a thing: a scene file has ids below 2^26.
  package static let largestThing = ((1 << 26) - SemanticClass.firstThing) / partCount

  /// Makes an identifier.
  package init(_ semanticClass: SemanticClass, thing: UInt32 = 0) {
    precondition(thing <= Self.largestThing, "a scene numbers 2,097,144 things")
    self.semanticClass = semanticClass
    self.thing = thing
  }

  /// Takes a splat's number apart; nil where its class is none.
  package init?(rawValue: UInt32) {
    guard rawValue >= SemanticClass.firstThing else {
      guard let semanticClass = SemanticClass(stuffInstance: rawValue) else { return nil }
      self.init(semanticClass)
      return
    }
    let (thing, part) = (rawValue - SemanticClass.firstThing)
      .quotientAndRemainder(dividingBy: Self.partCount)
    guard let semanticClass = SemanticClass(rawValue: part), thing < Self.largestThing else {
      return nil
    }
    self.init(semanticClass, thing: thing + 1)
  }

  /// The number that a splat keeps.
  package var rawValue: UInt32 {
    guard thing > 0 else { return semanticClass.stuffInstance }
    return SemanticClass.firstThing + (thing - 1) * Self.partCount + semanticClass.rawValue
  }
}

extension SemanticClass {
  /// The colour where a map has none, display-referred sRGB, 0...1.
  package var mapColourSRGB: SIMD3<Float> {
    switch self {
    case .unlabelled: SIMD3(0.60, 0.60, 0.60)
    case .ground: SIMD3(0.58, 0.54, 0.47)
    case .road: SIMD3(0.36, 0.36, 0.38)
    case .pavement: SIMD3(0.60, 0.59, 0.57)
    case .railway: SIMD3(0.42, 0.38, 0.35)
    case .grass: SIMD3(0.42, 0.53, 0.28)
    case .shrub: SIMD3(0.33, 0.46, 0.24)
    case .leaves: SIMD3(0.26, 0.42, 0.19)
    case .wood: SIMD3(0.36, 0.28, 0.21)
    case .evergreen: SIMD3(0.18, 0.33, 0.19)
    case .water: SIMD3(0.25, 0.38, 0.48)
    case .wall: SIMD3(0.73, 0.66, 0.58)
    case .roof: SIMD3(0.56, 0.34, 0.27)
    case .window: SIMD3(0.33, 0.42, 0.49)
    case .bridge: SIMD3(0.60, 0.58, 0.55)
    case .barrier: SIMD3(0.47, 0.42, 0.37)
    case .furniture: SIMD3(0.42, 0.42, 0.44)
    case .powerLine: SIMD3(0.45, 0.46, 0.48)
    case .vehicle: SIMD3(0.55, 0.57, 0.60)
    case .creature: SIMD3(0.62, 0.48, 0.40)
    }
  }
}
