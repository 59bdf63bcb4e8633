// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension VectorImage {
  /// Unit normals as colours: a component of -1...1 is 0...255, rounded; no normal is black.
  package var normalPicture: RGBImage {
    precondition(componentCount == 3, "a normal has three components")
    var picture = RGBImage(width: width, height: height)
    for pixel in 0..<width * height {
      let places = 3 * pixel..<3 * pixel + 3
      guard places.contains(where: { values[$0] != 0 }) else { continue }
      for place in places {
        picture.bytes[place] = UInt8(min(max(values[place] * 127.5 + 128, 0), 255))
      }
    }
    return picture
  }

  /// The length of the largest motion; those that are not finite do not count.
  package var largestLength: Float {
    precondition(componentCount == 2, "a motion has two components")
    return (0..<width * height).reduce(0) { largest, pixel in
      let length = length(at: pixel)
      return length.isFinite ? max(largest, length) : largest
    }
  }

  /// Motions as colours: the direction is the hue, white stands still, and full colour moves by
  /// `fullPixels` or more.
  ///
  /// The wheel is Middlebury's (Baker, Scharstein, Lewis, Roth, Black, Szeliski, "A database and
  /// evaluation methodology for optical flow", IJCV 2011, `colorcode.cpp`): red moves to the right,
  /// yellow down, cyan to the left, violet up.
  package func motionPicture(fullPixels: Float) -> RGBImage {
    precondition(componentCount == 2, "a motion has two components")
    var picture = RGBImage(width: width, height: height)
    for pixel in 0..<width * height {
      let motion = SIMD2(values[2 * pixel], values[2 * pixel + 1])
      let share = length(at: pixel) / fullPixels
      let hue = Self.hue(of: motion)
      for channel in 0..<3 {
        let colour = 1 - min(share.isNaN ? 0 : share, 1) * (1 - hue[channel])
        picture.bytes[3 * pixel + channel] = UInt8(colour * 255 + 0.5)
      }
    }
    return picture
  }

  private func length(at pixel: Int) -> Float {
    let (x, y) = (values[2 * pixel], values[2 * pixel + 1])
    return (x * x + y * y).squareRoot()
  }

  /// The steps from red to yellow, green, cyan, blue, magenta and back to red: as many as the eye
  /// tells apart.
  private static let steps = [15, 6, 4, 11, 13, 6]
  private static let corners: [SIMD3<Float>] = [
    SIMD3(1, 0, 0), SIMD3(1, 1, 0), SIMD3(0, 1, 0), SIMD3(0, 1, 1), SIMD3(0, 0, 1), SIMD3(1, 0, 1),
  ]

  private static func hue(of motion: SIMD2<Float>) -> SIMD3<Float> {
    guard motion != .zero, motion.x.isFinite, motion.y.isFinite else { return SIMD3(1, 1, 1) }
    var place = turn(of: motion) * Float(steps.reduce(0, +))
    for (corner, count) in steps.enumerated() {
      guard place > Float(count) else {
        let share = place / Float(count)
        return corners[corner] * (1 - share) + corners[(corner + 1) % corners.count] * share
      }
      place -= Float(count)
    }
    return corners[0]
  }

  /// The direction in turns clockwise from the right, 0..<1.
  private static func turn(of motion: SIMD2<Float>) -> Float {
    let turns = atan2(motion.y, motion.x) / (2 * .pi)
    return turns < 0 ? turns + 1 : turns
  }
}
