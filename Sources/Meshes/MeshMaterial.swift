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

  /// The picture; at least one pixel.
  package var image: RGBImage
  /// What lies left and right of it.
  package var wrapU: Wrap
  /// What lies above and below it.
  package var wrapV: Wrap

  /// Makes a texture.
  package init(_ image: RGBImage, wrapU: Wrap = .repeated, wrapV: Wrap = .repeated) {
    precondition(image.width > 0 && image.height > 0, "a texture has a pixel")
    self.image = image
    self.wrapU = wrapU
    self.wrapV = wrapV
  }
}
