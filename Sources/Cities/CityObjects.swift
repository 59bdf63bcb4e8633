// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// Trees, lamps and parked cars.
extension CityCanvas {
  /// A trunk, and a crown of leaves that are lighter at the top.
  mutating func paint(_ tree: CityTree) {
    let ground = city.terrain.height(tree.place)
    let trunk = max(tree.height - 1.7 * tree.radius, 1)
    for level in 0..<2 {
      brush.put(
        SplatBrush.Stroke(
          size: SIMD3(0.13, 0.13, 0.3 * trunk), colour: SIMD3(0.31, 0.25, 0.19),
          instance: SemanticClass.wood.stuffInstance), at: tree.place,
        height: ground + trunk * (0.3 + 0.55 * Double(level)))
    }
    shadow(at: tree.place - 0.5 * trunk * CitySun.overGround, radius: 0.62 * tree.radius, ground)
    let (column, row) = (Int((tree.place.x * 16).rounded()), Int((tree.place.y * 16).rounded()))
    let tint = brush.noise(column, row, 128)
    let leaf = SIMD3(0.27 + 0.06 * tint.x, 0.34 + 0.05 * tint.y, 0.17 + 0.03 * tint.z)
    let count = 12 + Int(2.4 * tree.radius / scale)
    let center = tree.height - 0.95 * tree.radius
    for index in 0..<count {
      let noise = brush.noise(column, row, 129 + UInt32(index))
      let direction = normalize(SIMD3(noise.x, noise.y, noise.z + 0.15) + 1e-3)
      let reach = tree.radius * (0.4 + 0.22 * (noise.w + 1))
      let offset = direction * reach
      let size = tree.radius * (0.25 + 0.03 * noise.x)
      let light =
        0.72 + 0.46 * max(0, dot(direction, CitySun.direction)) + 0.16 * direction.z
        + 0.12 * noise.y
      brush.put(
        SplatBrush.Stroke(
          size: SIMD3(size, size, 0.85 * size), colour: leaf * light, instance: tree.instance,
          opacity: 0.93), at: tree.place + SIMD2(offset.x, offset.y),
        height: ground + center + offset.z)
    }
  }

  private mutating func shadow(at place: SIMD2<Double>, radius: Double, _ ground: Double) {
    brush.put(
      SplatBrush.Stroke(
        size: SIMD3(radius, radius, 0.02), colour: SIMD3(0.14, 0.16, 0.15),
        instance: SemanticClass.ground.stuffInstance, opacity: 0.5), at: place,
      height: ground + 0.14)
  }

  /// A pole, an arm over the street, and the lamp.
  mutating func paintLamp(_ lamp: StreetObject) {
    let ground = city.terrain.height(lamp.place) + 0.1
    let colour = SIMD3(0.33, 0.34, 0.35)
    let id = SemanticClass.furniture.stuffInstance
    for level in 0..<3 {
      brush.put(
        SplatBrush.Stroke(size: SIMD3(0.055, 0.055, 0.95), colour: colour, instance: id),
        at: lamp.place, height: ground + 1.1 + 2.2 * Double(level))
    }
    let outward = SIMD2(lamp.direction.y, -lamp.direction.x)
    brush.put(
      SplatBrush.Stroke(
        size: SIMD3(0.45, 0.04, 0.04), rotation: heading(outward), colour: colour, instance: id),
      at: lamp.place + 0.7 * outward, height: ground + 7)
    brush.put(
      SplatBrush.Stroke(
        size: SIMD3(0.28, 0.12, 0.06), rotation: heading(outward),
        colour: SIMD3(0.92, 0.90, 0.80), instance: id),
      at: lamp.place + 1.4 * outward, height: ground + 6.9)
  }

  /// A body, a cabin with windows, and wheels.
  mutating func paintCar(_ car: StreetObject) {
    let ground = city.terrain.height(car.place)
    let noise = brush.noise(
      Int((car.place.x * 16).rounded()), Int((car.place.y * 16).rounded()), 256)
    let colours: [SIMD3<Double>] = [
      SIMD3(0.85, 0.85, 0.86), SIMD3(0.16, 0.16, 0.18), SIMD3(0.55, 0.57, 0.60),
      SIMD3(0.60, 0.14, 0.12), SIMD3(0.17, 0.27, 0.46), SIMD3(0.42, 0.44, 0.46),
      SIMD3(0.78, 0.77, 0.72), SIMD3(0.20, 0.33, 0.27),
    ]
    let colour = colours[min(7, Int((noise.x + 1) * 4))]
    let glass = SIMD3(0.13, 0.16, 0.19)
    let rotation = heading(car.direction)
    let side = SIMD2(-car.direction.y, car.direction.x)
    func part(
      _ along: Double, _ across: Double, _ height: Double, _ size: SIMD3<Double>,
      _ colour: SIMD3<Double>
    ) {
      brush.put(
        SplatBrush.Stroke(
          size: size, rotation: rotation, colour: colour, instance: car.instance, opacity: 0.98),
        at: car.place + along * car.direction + across * side, height: ground + height)
    }
    shadow(at: car.place - 0.3 * CitySun.overGround, radius: 0.9, ground - 0.1)
    for along in [-1.45, -0.5, 0.5, 1.45] {
      part(along, 0, 0.62, SIMD3(0.42, 0.52, 0.17), colour)
    }
    part(-0.75, 0, 1.16, SIMD3(0.46, 0.42, 0.16), glass * 1.4)
    part(0.35, 0, 1.14, SIMD3(0.42, 0.42, 0.15), glass)
    part(-0.25, 0, 1.38, SIMD3(0.62, 0.40, 0.06), colour * 1.05)
    for (along, across) in [(-1.35, -0.78), (-1.35, 0.78), (1.35, -0.78), (1.35, 0.78)] {
      part(along, across, 0.32, SIMD3(0.17, 0.06, 0.17), SIMD3(0.08, 0.08, 0.09))
    }
  }
}
