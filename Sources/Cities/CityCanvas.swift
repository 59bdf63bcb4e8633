// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Splats

/// One square of a city while it is painted.
struct CityCanvas {
  let city: City
  var brush: SplatBrush
  /// The blocks that touch the square or have a tree over it.
  let blocks: [CityBlock]
  /// The buildings whose shadow may fall into it.
  let shading: [CityBuilding]
  /// Where those are, and where the buildings of each block are: most are far from a point.
  let shadingCircles: [Circle]
  let footprintCircles: [[Circle]]

  /// What a building lies in.
  struct Circle: Sendable {
    var middle: SIMD2<Double>
    var radius: Double
    var height: Double

    init(_ building: CityBuilding) {
      (middle, radius, height) = (building.middle, building.radius, building.height)
    }

    func contains(_ point: SIMD2<Double>) -> Bool {
      let apart = point - middle
      return (apart * apart).sum() <= radius * radius
    }

    /// Whether its shadow, at 45 degrees, may reach a point.
    func mayShade(_ point: SIMD2<Double>) -> Bool {
      let apart = middle - point
      let across = apart.x * CitySun.overGround.y - apart.y * CitySun.overGround.x
      let along = (apart * CitySun.overGround).sum()
      return abs(across) < radius && along > -radius
        && along < min(CitySun.reach, height) + radius
    }
  }

  /// The distance between splats, as a multiple of what each kind of surface names.
  ///
  /// At density 1 so that a thousand square kilometres have a billion.
  var scale: Double { 0.85 / city.density.squareRoot() }
  /// The distance between splats of the ground, metres.
  var groundSpacing: Double { 1.42 * scale }

  /// How far crowns and eaves reach beyond their block, metres.
  private static let overhang = 8.0

  init(_ city: City, _ square: CitySquare) {
    self.city = city
    brush = SplatBrush(
      square, of: city, capacity: Int(1.6 * city.density * square.edge * square.edge))
    let near = city.blocks(near: square, margin: CitySun.reach)
    blocks = near.filter { square.touches($0.box, margin: Self.overhang) }
    shading = near.flatMap(\.buildings).filter {
      square.touches($0.box, margin: min(CitySun.reach, $0.height) + 1)
    }
    shadingCircles = shading.map(Circle.init)
    footprintCircles = blocks.map { $0.buildings.map(Circle.init) }
  }

  mutating func paint() {
    let half = city.edge / 2
    let square = brush.square
    guard square.west < half, square.south < half, square.west + square.edge > -half,
      square.south + square.edge > -half
    else { return }
    paintGround()
    paintQuays()
    for block in blocks {
      paintLines(of: block)
      for building in block.buildings where square.touches(building.box, margin: 1) {
        paint(building)
      }
      for tree in block.trees where isNear(tree.place, 8) { paint(tree) }
      for lamp in block.lamps where isNear(lamp.place, 2) { paintLamp(lamp) }
      for car in block.cars where isNear(car.place, 3) { paintCar(car) }
    }
  }

  private func isNear(_ place: SIMD2<Double>, _ margin: Double) -> Bool {
    brush.square.touches((place, place), margin: margin)
  }
}
