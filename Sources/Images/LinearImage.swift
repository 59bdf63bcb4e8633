// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// An image of linear light in the primaries of sRGB: 1 is the display's white, more is brighter.
package struct LinearImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The samples: [height x width x 3], row-major, R G B.
  package var values: [Float]

  /// Makes an image filled with one value.
  package init(width: Int, height: Int, fill: Float = 0) {
    self.init(
      width: width, height: height, values: Array(repeating: fill, count: width * height * 3))
  }

  /// Makes an image from its samples, [height x width x 3].
  package init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height * 3, "a linear image has three values a pixel")
    self.width = width
    self.height = height
    self.values = values
  }

  /// Makes the light of display-referred samples, [height x width x 3].
  package init(width: Int, height: Int, valuesSRGB: [Float]) {
    self.init(width: width, height: height, values: valuesSRGB.map(SRGB.decode))
  }

  /// The image as a display wants it; what is below 0 or above 1 is clipped, NaN is black.
  package var displayed: RGBImage {
    RGBImage(width: width, height: height, bytes: values.map(SRGB.encode))
  }
}
