// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// An image of display-referred sRGB colour, 8 bits a channel.
package struct RGBImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The samples: [height x width x 3], row-major, R G B.
  package var bytes: [UInt8]

  /// Makes a black image.
  package init(width: Int, height: Int) {
    self.init(width: width, height: height, bytes: Array(repeating: 0, count: width * height * 3))
  }

  /// Makes an image from its samples, [height x width x 3].
  package init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(bytes.count == width * height * 3, "an RGB image has three bytes a pixel")
    self.width = width
    self.height = height
    self.bytes = bytes
  }
}

/// An image of one scalar a pixel: depth in metres, alpha in 0...1.
package struct ScalarImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The samples: [height x width], row-major; the owner's doc comment gives the unit.
  package var values: [Float]

  /// Makes an image filled with one value.
  package init(width: Int, height: Int, fill: Float = 0) {
    self.init(width: width, height: height, values: Array(repeating: fill, count: width * height))
  }

  /// Makes an image from its samples, [height x width].
  package init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height, "a scalar image has one value a pixel")
    self.width = width
    self.height = height
    self.values = values
  }
}

/// An image of one vector a pixel: normals, or motion in pixels.
package struct VectorImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The numbers of a pixel.
  package let componentCount: Int
  /// The samples: [height x width x componentCount], row-major; the owner's doc comment gives the
  /// unit and the frame.
  package var values: [Float]

  /// Makes an image of zeros.
  package init(width: Int, height: Int, componentCount: Int = 3) {
    self.width = width
    self.height = height
    self.componentCount = componentCount
    values = Array(repeating: 0, count: width * height * componentCount)
  }
}

/// An image of instance identifiers, 0 for background.
package struct LabelImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The identifiers: [height x width], row-major.
  package var ids: [UInt32]

  /// Makes an image of background.
  package init(width: Int, height: Int) {
    self.init(width: width, height: height, ids: Array(repeating: 0, count: width * height))
  }

  /// Makes an image from its identifiers, [height x width].
  package init(width: Int, height: Int, ids: [UInt32]) {
    precondition(ids.count == width * height, "a label image has one identifier a pixel")
    self.width = width
    self.height = height
    self.ids = ids
  }
}
