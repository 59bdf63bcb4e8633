// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// The ground: streets, sidewalks, yards, water and bridges.
extension CityCanvas {
  /// What lies at a place, and how far its edge is.
  private struct Surface {
    var semanticClass: SemanticClass
    var colour: SIMD3<Double>
    /// The direction of the nearest edge, and how far it is, metres.
    var direction = SIMD2(1.0, 0)
    var distance = Double.infinity
    var height = 0.0
  }

  private static let asphalt = SIMD3(0.31, 0.31, 0.32)
  private static let paving = SIMD3(0.60, 0.585, 0.56)
  private static let grass = SIMD3(0.33, 0.43, 0.20)

  /// Covers the ground with a grid of splats that is the same for all squares.
  mutating func paintGround() {
    let spacing = groundSpacing
    let square = brush.square
    func range(_ low: Double) -> Range<Int> {
      let first = Int((low / spacing - 0.5).rounded(.up)) - 1
      return first..<first + Int(square.edge / spacing) + 3
    }
    var last = 0
    for row in range(square.south) {
      for column in range(square.west) {
        let noise = brush.noise(column, row, 1)
        let place = spacing * SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        guard square.contains(place), let surface = surface(place, noise.z, &last) else { continue }
        // In a few steps, which store well.
        let share = (min(max(surface.distance / spacing, 0.3), 1) * 8).rounded(.up) / 8
        let across = share * spacing * 0.62
        let light = isShaded(place) ? CitySun.shade : 1
        brush.put(
          SplatBrush.Stroke(
            size: SIMD3(0.62 * spacing, across, 0.02), rotation: heading(surface.direction),
            colour: surface.colour * light * (1 + 0.05 * noise.w),
            instance: surface.semanticClass.stuffInstance), at: place, height: surface.height)
      }
    }
  }

  private func isShaded(_ place: SIMD2<Double>) -> Bool {
    shadingCircles.indices.contains { index in
      shadingCircles[index].mayShade(place)
        && shading[index].shades(
          place, toSun: CitySun.overGround, rise: 1, reach: CitySun.reach)
    }
  }

  /// The surface of a place; nil below a building.
  private func surface(_ place: SIMD2<Double>, _ noise: Double, _ last: inout Int) -> Surface? {
    let river = city.terrain.riverDistance(place)
    let height = city.terrain.height(place, river: river)
    if last >= blocks.count || !blocks[last].polygon.contains(place) {
      last = blocks.firstIndex { $0.polygon.contains(place) } ?? blocks.count
    }
    guard last < blocks.count else {
      return Surface(semanticClass: .road, colour: Self.asphalt, height: height)
    }
    let edges = blocks[last].polygon.edges
    var nearest = (depth: Double.infinity, edge: edges[0])
    for edge in edges {
      let depth = edge.distance(place) - edge.mark.halfWidth
      if depth < nearest.depth { nearest = (depth, edge) }
    }
    let (depth, edge) = nearest
    let isCrossing = depth < 0 && edge.mark.rank >= .collector
    if river < CityTerrain.quay.end {
      if !isCrossing { return quay(river, height, noise) }
      if river < CityTerrain.quay.walk {
        let rise = 1.2 * (1 - (river / CityTerrain.quay.walk) * (river / CityTerrain.quay.walk))
        return Surface(
          semanticClass: .bridge, colour: Self.asphalt * 1.12, direction: edge.direction,
          distance: -depth, height: height + rise)
      }
    }
    if depth < 0 {
      let shade = edge.mark.rank == .local ? 1.1 : 1
      return Surface(
        semanticClass: .road, colour: Self.asphalt * (shade + 0.06 * noise),
        direction: edge.direction, distance: -depth, height: height)
    }
    if depth < edge.mark.sidewalk {
      return Surface(
        semanticClass: .pavement, colour: Self.paving * (1 + 0.04 * noise),
        direction: edge.direction, distance: min(depth, edge.mark.sidewalk - depth),
        height: height + 0.1)
    }
    if isBuilt(place, last) { return nil }
    return yard(
      blocks[last].use, depth - edge.mark.sidewalk, edge.direction, height: height + 0.1,
      noise: noise)
  }

  private func isBuilt(_ place: SIMD2<Double>, _ block: Int) -> Bool {
    let circles = footprintCircles[block]
    return circles.indices.contains {
      circles[$0].contains(place) && blocks[block].buildings[$0].footprint.contains(place)
    }
  }

  private func yard(
    _ use: CityUse, _ depth: Double, _ direction: SIMD2<Double>, height: Double, noise: Double
  ) -> Surface {
    var surface = Surface(
      semanticClass: .grass, colour: Self.grass * (1 + 0.12 * noise), direction: direction,
      distance: depth, height: height)
    func pave(_ semanticClass: SemanticClass, _ colour: SIMD3<Double>) {
      (surface.semanticClass, surface.colour) = (semanticClass, colour * (1 + 0.05 * noise))
    }
    switch use {
    case .towers: pave(.pavement, SIMD3(0.66, 0.64, 0.60))
    case .courtyards where noise > -0.2: pave(.pavement, SIMD3(0.54, 0.51, 0.47))
    case .halls: pave(.pavement, SIMD3(0.44, 0.44, 0.44))
    case .park where (5.5...8.5).contains(depth):
      pave(.pavement, SIMD3(0.70, 0.62, 0.47))
      surface.distance = min(depth - 5.5, 8.5 - depth)
    case .courtyards, .rows, .houses, .park: break
    }
    return surface
  }

  /// The river and the street along it.
  private func quay(_ river: Double, _ height: Double, _ noise: Double) -> Surface {
    if river < CityTerrain.quay.walk {
      let depth = 1 - river / CityTerrain.quay.walk
      return Surface(
        semanticClass: .water,
        colour: SIMD3(0.23, 0.34, 0.38) * (1.06 - 0.16 * depth + 0.07 * noise),
        height: CityTerrain.waterLevel)
    }
    let isStreet = (CityTerrain.quay.street..<CityTerrain.quay.sidewalk).contains(river)
    return Surface(
      semanticClass: isStreet ? .road : .pavement,
      colour: (isStreet ? Self.asphalt * 1.1 : Self.paving * 1.05) * (1 + 0.05 * noise),
      height: isStreet ? height : height + 0.1)
  }
}

// MARK: - Lines

extension CityCanvas {
  /// Kerbs, lane markings and zebra crossings of a block.
  mutating func paintLines(of block: CityBlock) {
    for edge in block.kerb.edges {
      let step = 1.8 * scale
      walk(edge, from: 0, to: edge.length, step: step) { canvas, place in
        canvas.draw(
          Line(
            length: 0.62 * step, width: 0.1, colour: SIMD3(0.68, 0.67, 0.65),
            semanticClass: .pavement, lift: 0.1), at: place, along: edge)
      }
      let middle = edge.mark.halfWidth
      switch edge.mark.rank {
      case .arterial:
        walk(edge, from: 2, to: edge.length - 2, step: 2.4) { canvas, place in
          canvas.draw(
            Line(length: 1.3), at: place - (middle - 0.16) * edge.inward, along: edge)
        }
        dashes(edge, outwards: middle - 3.2)
      case .collector: dashes(edge, outwards: middle - 0.03)
      case .local: break
      }
      if block.use.rawValue <= CityUse.rows.rawValue, edge.length > 34 { zebra(edge) }
    }
  }

  private mutating func dashes(_ edge: ConvexPolygon<StreetSide>.Edge, outwards: Double) {
    // The same for the blocks on both sides: counted from the scene's origin.
    let origin = (edge.start * edge.direction).sum()
    let first = (origin / 8).rounded(.up) * 8 - origin
    walk(edge, from: first + 6, to: edge.length - 6, step: 8) { canvas, place in
      canvas.draw(Line(length: 0.9), at: place - outwards * edge.inward, along: edge)
    }
  }

  private mutating func zebra(_ edge: ConvexPolygon<StreetSide>.Edge) {
    for along in [2.2, edge.length - 2.2] {
      for bar in 0..<Int(edge.mark.halfWidth / 1.0) {
        let place =
          edge.start + along * edge.direction - (0.6 + Double(bar)) * edge.inward
        draw(Line(length: 0.85, width: 0.17), at: place, along: edge)
      }
    }
  }

  private mutating func walk(
    _ edge: ConvexPolygon<StreetSide>.Edge, from: Double, to: Double, step: Double,
    _ body: (inout CityCanvas, SIMD2<Double>) -> Void
  ) {
    var along = from + step / 2
    while along < to {
      body(&self, edge.start + along * edge.direction)
      along += step
    }
  }

  /// A stroke on the ground along a street.
  private struct Line {
    var length: Double
    var width = 0.06
    var colour = SIMD3(0.86, 0.86, 0.83)
    var semanticClass = SemanticClass.road
    var lift = 0.02
  }

  private mutating func draw(
    _ line: Line, at place: SIMD2<Double>, along edge: ConvexPolygon<StreetSide>.Edge
  ) {
    guard brush.square.contains(place),
      city.terrain.riverDistance(place) > CityTerrain.quay.end
    else { return }
    let light = isShaded(place) ? CitySun.shade : 1
    brush.put(
      SplatBrush.Stroke(
        size: SIMD3(line.length, line.width, 0.015), rotation: heading(edge.direction),
        colour: line.colour * light, instance: line.semanticClass.stuffInstance), at: place,
      height: city.terrain.height(place) + line.lift)
  }

  /// The walls of the river and the sides of bridges.
  mutating func paintQuays() {
    let square = brush.square
    let spacing = 1.6 * scale
    let count = Int(square.edge / spacing) + 2
    let (west, south) = (
      (square.west / spacing).rounded(.down), (square.south / spacing).rounded(.down)
    )
    let middle = city.terrain.riverDistance(square.center)
    guard abs(middle - CityTerrain.quay.walk) < square.edge else { return }
    for row in 0..<count {
      for column in 0..<count {
        let place = SIMD2(west + Double(column) + 0.5, south + Double(row) + 0.5) * spacing
        let river = city.terrain.riverDistance(place)
        guard square.contains(place), abs(river - CityTerrain.quay.walk) < 0.75 * spacing else {
          continue
        }
        // Out of the river's gradient: along the wall.
        let east = city.terrain.riverDistance(place + SIMD2(0.5, 0)) - river
        let north = city.terrain.riverDistance(place + SIMD2(0, 0.5)) - river
        let length = (east * east + north * north).squareRoot()
        guard length > 0 else { continue }
        let outward = SIMD2(east, north) / length
        let wall = place + (CityTerrain.quay.walk - river) * outward
        let light = CitySun.light(SIMD3(-outward.x, -outward.y, 0))
        for level in 0..<3 {
          brush.put(
            SplatBrush.Stroke(
              size: SIMD3(0.7 * spacing, 0.6, 0.05),
              rotation: facing(along: SIMD2(outward.y, -outward.x)),
              colour: SIMD3(0.55, 0.52, 0.47) * light,
              instance: SemanticClass.barrier.stuffInstance), at: wall,
            height: 0.4 + 1.1 * Double(level))
        }
      }
    }
  }
}
