// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// How a place on a surface looks before light falls on it.
struct SurfaceLook {
  /// The colour under white light, sRGB, 0...1.
  var colourSRGB: SIMD3<Float>
  /// The strength of the sky's reflection, 0 for matt.
  var gloss: Float = 0
  /// The share of the sun that reaches it past leaves.
  var sunShare: Float = 1
}

/// A parallelogram to be covered with surfels.
struct Patch {
  /// One corner in the world, metres.
  var corner: SIMD3<Float>
  /// The edge along which rows run, metres; the outside is to the left of going along, then up.
  var along: SIMD3<Float>
  /// The other edge, metres, at a right angle to the first.
  var up: SIMD3<Float>
  /// The distance between surfels, metres.
  var spacing: Float
  /// How many times longer surfels are along than across, at the same number of them, squared.
  var stretch: Float = 1

  var normal: SIMD3<Float> { normalize(cross(along, up)) }
}

/// One flat splat to be painted: a place, a facing, and widths.
struct Surfel {
  /// The centre in the world, metres.
  var center: SIMD3<Float>
  /// The unit normal on the lit side.
  var normal: SIMD3<Float>
  /// A unit direction in the surface, along which the first width is measured.
  var along: SIMD3<Float>
  /// The standard deviations along and across that direction, metres.
  var widths: SIMD2<Float>
}

/// Covers surfaces with flat splats and bakes the light into their colour.
///
/// Surfels on a hexagonal grid of spacing h get a deviation of 0.62 h: between three of them
/// 1 - (1 - exp(-0.5 (0.577 / 0.62)^2))^3 = 96 % is covered, so that no holes show.
struct SurfelPainter {
  /// The splats painted so far; degree 1, for the sky's reflection on glossy surfaces.
  private(set) var cloud = SplatCloud(shDegree: 1)
  /// The light that is baked.
  let light: SceneLight
  /// The source of small irregularities.
  let noise: ValueNoise
  /// How many times wider surfels are than asked for; there are fewer by its square.
  let coarseness: Float

  /// The deviation of a surfel as a share of the grid's spacing.
  static let coverage: Float = 0.62
  /// The opacity of a surfel as a logit: 98 %.
  private static let opacityLogit: Float = 3.9
  /// The deviation across a surface as a share of the smaller width.
  private static let flatness: Float = 0.08

  init(light: SceneLight, noise: ValueNoise, coarseness: Float = 1) {
    self.light = light
    self.noise = noise
    self.coarseness = coarseness
    cloud.reserveCapacity(250_000)
  }

  /// Paints one surfel with the light that falls on it.
  mutating func paint(_ surfel: Surfel, _ look: SurfaceLook) {
    let irradiance = light.irradiance(
      at: surfel.center, normal: surfel.normal, sunShare: look.sunShare)
    paint(
      surfel, glowing: sRGBFromLinear(linearFromSRGB(look.colourSRGB) * irradiance),
      gloss: look.gloss)
  }

  /// Paints one surfel whose colour, sRGB, is what is seen.
  mutating func paint(_ surfel: Surfel, glowing colourSRGB: SIMD3<Float>, gloss: Float = 0) {
    let across = cross(surfel.normal, surfel.along)
    let q = Quaternion(
      matrix: Matrix3(
        columns: SIMD3<Double>(surfel.along), SIMD3<Double>(across),
        SIMD3<Double>(surfel.normal)))
    let thickness = max(Self.flatness * surfel.widths.min(), 0.0003)
    // The reflected direction of d is r = d - 2 (d . n) n. The sky's brightness along r grows
    // like 1/2 + (r . s) / 2 towards the sun s, which is linear in d: (r . s) = (d . mirrored s).
    let n = surfel.normal
    let mirrored = light.toSun - 2 * dot(light.toSun, n) * n
    let c1 = Float(0.488_602_5)
    var rest = [Float](repeating: 0, count: 9)
    for channel in 0..<3 where gloss > 0 {
      rest[channel] = -gloss / 2 * mirrored.y / c1
      rest[3 + channel] = gloss / 2 * mirrored.z / c1
      rest[6 + channel] = -gloss / 2 * mirrored.x / c1
    }
    cloud.append(
      Splat(
        position: surfel.center,
        logScale: SIMD3(log(surfel.widths.x), log(surfel.widths.y), log(thickness)),
        rotation: Quaternion(w: Float(q.w), x: Float(q.x), y: Float(q.y), z: Float(q.z)),
        opacityLogit: Self.opacityLogit,
        sh0: Splat.sh0(colourSRGB: colourSRGB + gloss / 2)),
      rest: rest)
  }

  /// Covers a patch on a hexagonal grid; `look` gets the place on the patch, metres from its
  /// corner.
  mutating func cover(_ patch: Patch, _ look: (SIMD2<Float>) -> SurfaceLook) {
    let size = SIMD2(length(patch.along), length(patch.up))
    let (x, y, normal) = (patch.along / size.x, patch.up / size.y, patch.normal)
    let spacing = patch.spacing * coarseness
    let rowSpacing = spacing * 0.866 / patch.stretch
    let rowCount = max(1, Int((size.y / rowSpacing).rounded()))
    let columnCount = max(1, Int((size.x / (spacing * patch.stretch)).rounded()))
    let step = SIMD2(size.x / Float(columnCount), size.y / Float(rowCount))
    let widths = SIMD2(step.x, step.y / 0.866) * Self.coverage
    for row in 0..<rowCount {
      // Every other row is shifted by half a step, and stays inside the patch.
      let shift: Float = row % 2 == 0 ? 0.25 : 0.75
      for column in 0..<columnCount {
        let place = SIMD2((Float(column) + shift) * step.x, (Float(row) + 0.5) * step.y)
        let surfel = Surfel(
          center: patch.corner + x * place.x + y * place.y, normal: normal, along: x,
          widths: widths)
        paint(surfel, look(place))
      }
    }
  }

  /// Covers the faces of a box whose bits are set in `faces`: -x, +x, -y, +y, -z, +z from bit 0.
  mutating func cover(
    box center: SIMD3<Float>, size: SIMD3<Float>, spacing: Float, faces: UInt8 = 0b111111,
    _ look: (SIMD3<Float>) -> SurfaceLook
  ) {
    for face in 0..<6 where faces >> UInt8(face) & 1 == 1 {
      let axis = face / 2
      let sign: Float = face % 2 == 0 ? -1 : 1
      // Along and up turn from one face to the next so that their cross product points outward.
      var (along, up) = (SIMD3<Float>.zero, SIMD3<Float>.zero)
      along[(axis + 1) % 3] = size[(axis + 1) % 3] * sign
      up[(axis + 2) % 3] = size[(axis + 2) % 3]
      var corner = center - along / 2 - up / 2
      corner[axis] += sign * size[axis] / 2
      let patch = Patch(corner: corner, along: along, up: up, spacing: spacing)
      let (x, y) = (normalize(along), normalize(up))
      cover(patch) { place in look(corner + x * place.x + y * place.y - center) }
    }
  }

  /// Covers a surface of revolution about an upright axis.
  ///
  /// `profile` holds (radius, height above `base`) from bottom to top; neighbours differ. `look`
  /// gets the angle, radians, and the height.
  mutating func revolve(
    _ profile: [SIMD2<Float>], base: SIMD3<Float>, spacing: Float,
    _ look: (_ angle: Float, _ height: Float) -> SurfaceLook
  ) {
    let spacing = spacing * coarseness
    for (low, high) in zip(profile, profile.dropFirst()) {
      let slope = high - low
      let slant = (slope * slope).sum().squareRoot()
      let rowCount = max(1, Int((slant / (spacing * 0.866)).rounded()))
      for row in 0..<rowCount {
        let at = low + slope * ((Float(row) + 0.5) / Float(rowCount))
        let count = max(3, Int((2 * .pi * at.x / spacing).rounded()))
        for k in 0..<count {
          let angle = 2 * Float.pi * (Float(k) + (row % 2 == 0 ? 0 : 0.5)) / Float(count)
          let outward = SIMD3(cos(angle), sin(angle), 0)
          // The outside of a profile that rises is away from the axis.
          let normal = normalize(outward * slope.y - SIMD3(0, 0, slope.x))
          let surfel = Surfel(
            center: base + outward * at.x + SIMD3(0, 0, at.y), normal: normal,
            along: SIMD3(-sin(angle), cos(angle), 0),
            widths: SIMD2(2 * .pi * at.x / Float(count), slant / Float(rowCount) / 0.866)
              * Self.coverage)
          paint(surfel, look(angle, at.y))
        }
      }
    }
  }
}
