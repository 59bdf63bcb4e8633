// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Images

/// How the height of a surface was got.
package enum HeightOrigin: Hashable, Sendable {
  /// From a survey of the place itself; the rule says how, such as `roof-percentile-90`.
  case measured(rule: String)
  /// The map says it.
  case stated
  /// The map does not say it, and a rule filled it in, such as `levels-times-3`.
  case filled(rule: String)

  /// The words in messages and in JSON.
  package var name: String {
    switch self {
    case .measured(let rule): "measured: \(rule)"
    case .stated: "stated"
    case .filled(let rule): "filled: \(rule)"
    }
  }
}

/// A flat polygon with holes in a map's frame, with all that is known of it.
///
/// A triangle is a polygon of three corners. The outer ring winds counter-clockwise seen from
/// outside, where the normal points to; rings are not closed: the last corner is not the first.
package struct MapSurface: Equatable, Sendable {
  /// The outer ring, then the holes: east, north and up from the map's origin, metres.
  package var rings: [[SIMD3<Double>]]
  /// What it is and which thing it belongs to.
  package var identifier: MapIdentifier
  /// The colour, display-referred sRGB, 0...1; where there is a picture, what lies beyond it.
  package var colourSRGB: SIMD3<Float>
  /// The picture on it.
  package var texture: SurfaceTexture?
  /// How its height was got.
  package var height: HeightOrigin

  /// Makes a surface in the colour of its class.
  package init(
    rings: [[SIMD3<Double>]], identifier: MapIdentifier, height: HeightOrigin
  ) {
    self.rings = rings
    self.identifier = identifier
    self.height = height
    colourSRGB = identifier.semanticClass.mapColourSRGB
  }
}

/// The part of a picture that lies on a surface.
package struct SurfaceTexture: Equatable, Sendable {
  /// The picture.
  package var image: RGBImage
  /// Where each corner of the outer ring lies on it: (0, 0) is the upper left corner of the picture
  /// and (1, 1) its lower right.
  package var coordinates: [SIMD2<Double>]

  /// Makes a texture.
  package init(_ image: RGBImage, coordinates: [SIMD2<Double>]) {
    precondition(image.width > 0 && image.height > 0, "a texture has a pixel")
    self.image = image
    self.coordinates = coordinates
  }
}
