// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Images

/// What a mesh's surface makes of light: metals and dielectrics by roughness, as glTF has it.
package struct MeshMaterial: Equatable, Sendable {
  /// 1 for a metal, which reflects in its colour and scatters nothing; 0 for all else.
  package var metallic: Float = 0
  /// From 0 for a mirror to 1 for what reflects to all sides.
  package var roughness: Float = 0.5
  /// How much of a dielectric's 4 % of reflection there is.
  package var specular: Float = 1

  /// Makes a smooth plastic.
  package init() {}

  /// What only scatters light.
  package static let matt: MeshMaterial = {
    var material = MeshMaterial()
    material.specular = 0
    return material
  }()
}

/// A picture that is laid over a mesh by its texture coordinates.
package struct MeshTexture: Equatable, Sendable {
  /// What lies beyond the edges of the picture, along one of its axes.
  package enum Wrap: UInt32, Sendable {
    /// The picture once more.
    case repeated = 0
    /// The colour at the edge.
    case clamped = 1
    /// The picture once more, as in a mirror.
    case mirrored = 2
  }

  /// What of a picture is no surface at all: leaves and fences are drawn so.
  package struct Cutout: Equatable, Sendable {
    /// How solid each pixel is, [height x width] row-major; 255 is all.
    package var alpha: [UInt8]
    /// The mesh is there where alpha, between the pixels, is no less than this; over 0, up to 1.
    package var threshold: Float

    /// Makes a cutout.
    package init(alpha: [UInt8], threshold: Float) {
      self.alpha = alpha
      self.threshold = threshold
    }
  }

  /// The picture; at least one pixel.
  package var image: RGBImage
  /// What lies left and right of it.
  package var wrapU: Wrap
  /// What lies above and below it.
  package var wrapV: Wrap
  /// Where the mesh is not, though its triangles are; nil where they are whole.
  package var cutout: Cutout?

  /// Makes a texture.
  package init(_ image: RGBImage, wrapU: Wrap = .repeated, wrapV: Wrap = .repeated) {
    precondition(image.width > 0 && image.height > 0, "a texture has a pixel")
    self.image = image
    self.wrapU = wrapU
    self.wrapV = wrapV
  }
}
