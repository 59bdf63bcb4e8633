// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
package import Splats
import Worlds

/// The world that needs no file: a wooden table in a sunny courtyard, built as splats.
///
/// World frame: the table top is the plane z = 0, 1.2 m along x and 0.8 m along y, with its centre
/// at the origin; the paving is at z = -0.74. Brick walls stand to the west and south, plastered
/// ones to the north and east; the sun stands at azimuth 45 and elevation 52 degrees, and its light
/// and shadows are baked. Everything above the table top and nearer than 0.7 m to its centre is
/// empty.
package enum CourtyardScene {
  /// The size of the table top along x and y, metres.
  package static let tableSize = SIMD2<Float>(1.2, 0.8)
  /// The height of the table top above the paving, metres.
  package static let tableHeight: Float = 0.74

  /// The table and the paving, for physics.
  static let support = SupportSurface(
    top: .rectangle(halfSizes: SIMD2<Double>(tableSize) / 2), thickness: Double(tableThickness),
    groundLevel: Double(floorLevel))

  static let floorLevel = -tableHeight
  /// The walls' inner faces, metres.
  static let (west, east, south, north): (Float, Float, Float, Float) = (-2.4, 2.6, -2.6, 2.2)
  /// The top of the walls, metres above the table top.
  static let wallTop: Float = 1.5

  /// Builds the scene; the same seed gives the same splats.
  ///
  /// About 220,000 splats of SH degree 1 at full detail. The seed moves grain, stones and leaves,
  /// never the table. `detail` is the share of the splats, in (0, 1]; below 1 they are fewer and
  /// wider, for previews and for tests without optimisation.
  ///
  /// - Complexity: 0.4 s on one core at full detail.
  package static func build(seed: UInt64, detail: Double = 1) -> SplatCloud {
    precondition(detail > 0 && detail <= 1, "detail \(detail) is outside 0...1")
    var stream = RandomStream(seed: seed, purpose: "courtyard")
    let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: stream.next()))
    var painter = SurfelPainter(
      light: light(), noise: noise, coarseness: Float(1 / detail.squareRoot()))
    paintTable(&painter)
    paintFloor(&painter)
    paintWalls(&painter)
    paintWindowAndDoor(&painter)
    paintShelf(&painter)
    paintPots(&painter, &stream)
    paintPlants(&painter, &stream)
    paintSky(&painter)
    painter.cloud.checkInvariants()
    return painter.cloud
  }

  /// The sun, the sky, and what throws shadows.
  private static func light() -> SceneLight {
    let (azimuth, elevation) = (45.0.radiansFromDegrees, 52.0.radiansFromDegrees)
    let toSun = SIMD3(
      elevation.cosine * azimuth.cosine, elevation.cosine * azimuth.sine, elevation.sine)
    var light = SceneLight(
      toSun: SIMD3<Float>(toSun), sunColour: SIMD3(0.92, 0.84, 0.68),
      skyColour: SIMD3(0.36, 0.39, 0.44))
    let middle = (wallTop + floorLevel) / 2
    let height = wallTop - floorLevel
    let (spanX, spanY) = (east - west, north - south)
    light.occluders = [
      Occluder(
        center: SIMD3(0, 0, -tableThickness / 2 - 0.001),
        size: SIMD3(tableSize.x - 0.004, tableSize.y - 0.004, tableThickness - 0.002)),
      Occluder(center: SIMD3(west - 0.1, 0, middle), size: SIMD3(0.19, spanY + 0.4, height)),
      Occluder(center: SIMD3(east + 0.1, 0, middle), size: SIMD3(0.19, spanY + 0.4, height)),
      Occluder(center: SIMD3(0, south - 0.1, middle), size: SIMD3(spanX + 0.4, 0.19, height)),
      Occluder(center: SIMD3(0, north + 0.1, middle), size: SIMD3(spanX + 0.4, 0.19, height)),
      Occluder(
        center: SIMD3(0, 0, floorLevel - 0.06), size: SIMD3(spanX + 0.4, spanY + 0.4, 0.1)),
    ]
    light.occluders += legCenters.map {
      Occluder(
        center: SIMD3($0.x, $0.y, floorLevel / 2),
        size: SIMD3(legWidth - 0.006, legWidth - 0.006, -floorLevel - 0.01))
    }
    light.occluders += shelfBoards.map { Occluder(center: $0.center, size: $0.size - 0.006) }
    light.occluders += pots.map { pot in
      Occluder(
        center: pot.base + SIMD3(0, 0, pot.height / 2),
        size: SIMD3(pot.radius * 1.5, pot.radius * 1.5, pot.height * 0.96))
    }
    return light
  }

  /// The share of the sun that comes through the trees; whole near the table.
  static func dapple(_ p: SIMD3<Float>, _ noise: ValueNoise) -> Float {
    // Walked back along the sun to one height, so that the shade falls as from leaves above.
    let lifted = SIMD2(p.x, p.y) + SIMD2(0.55, 0.55) * (2.5 - p.z)
    let cover = noise.octaves(SIMD3(lifted.x * 1.6, lifted.y * 1.6, 3.5), 4)
    let shade = smoothStep(0.54, 0.66, cover)
    let distance = (p.x * p.x + p.y * p.y).squareRoot()
    return 1 - 0.75 * shade * smoothStep(0.9, 1.6, distance)
  }

  /// Paints the dome of the sky and the tree tops' haze at the horizon.
  private static func paintSky(_ painter: inout SurfelPainter) {
    let (radius, stepCount): (Float, Int) = (40, 22)
    for row in 0..<stepCount {
      let elevation = Double(row) / Double(stepCount) * .pi / 2
      let count = max(4, Int(88 * elevation.cosine))
      for column in 0..<count {
        let azimuth = 2 * Double.pi * (Double(column) + Double(row % 2) / 2) / Double(count)
        let outward = SIMD3<Float>(
          SIMD3(
            elevation.cosine * azimuth.cosine, elevation.cosine * azimuth.sine, elevation.sine))
        let cloudCover = painter.noise.octaves(outward * SIMD3(3, 3, 7) + 50, 4)
        let blue = mix(SIMD3(0.80, 0.87, 0.93), SIMD3(0.35, 0.56, 0.86), Float(elevation.sine))
        let colour = mix(blue, SIMD3(0.97, 0.97, 0.98), smoothStep(0.48, 0.7, cloudCover))
        let along = SIMD3<Float>(SIMD3(-azimuth.sine, azimuth.cosine, 0))
        painter.paint(
          Surfel(
            center: outward * radius, normal: -outward, along: along,
            widths: SIMD2(repeating: radius * 0.055)),
          glowing: colour)
      }
    }
  }
}
