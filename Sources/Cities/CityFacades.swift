// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// Buildings: walls with windows, storey by storey, and roofs.
extension CityCanvas {
  mutating func paint(_ building: CityBuilding) {
    for (index, part) in building.parts.enumerated() {
      for edge in part.outline.edges { paintWall(building, part, index, edge) }
      paintRoof(building, part, isTop: index == building.parts.count - 1)
    }
  }

  private mutating func paintWall(
    _ building: CityBuilding, _ part: CityBuilding.Part, _ index: Int,
    _ edge: ConvexPolygon<LotSide>.Edge
  ) {
    let isParty = edge.mark == .neighbour && building.sharesWalls
    let wide = building.facade == .blank || isParty ? 4.2 : building.facade == .curtain ? 2.6 : 3
    let bays = max(1, Int((edge.length / wide).rounded()))
    let bay = edge.length / Double(bays)
    let light = CitySun.light(SIMD3(-edge.inward.x, -edge.inward.y, 0))
    let rotation = facing(along: edge.direction)
    let columns = max(1, Int((bay / (isParty ? 2.6 : 1.9) / scale).rounded(.up)))
    let width = bay / Double(columns)
    let bottom = index == 0 ? building.lowest - building.floor : part.bottom
    for column in 0..<bays * columns {
      let place = edge.start + (Double(column) + 0.5) * width * edge.direction
      guard brush.square.contains(place) else { continue }
      let top = part.roofHeight(place)
      let rows = max(1, Int(((top - bottom) / (isParty ? 2.6 : 1.75) / scale).rounded(.up)))
      let height = (top - bottom) / Double(rows)
      for row in 0..<rows {
        let level = bottom + (Double(row) + 0.5) * height
        // A little darker at the foot, where less of the sky is seen.
        let foot = min(1, 0.86 + 0.035 * level)
        brush.put(
          SplatBrush.Stroke(
            size: SIMD3(0.6 * width, 0.6 * height, 0.02), rotation: rotation,
            colour: building.wall * light * foot, instance: building.instance(.wall)),
          at: place, height: building.floor + level)
      }
    }
    guard !isParty, building.facade != .blank else { return }
    for column in 0..<bays {
      let place =
        edge.start + (Double(column) + 0.5) * bay * edge.direction - 0.16 * edge.inward
      guard brush.square.contains(place) else { continue }
      paintWindows(
        building, part, Bay(place: place, width: bay, light: light, rotation: rotation))
    }
  }

  /// A strip of a wall with a window in each storey.
  private struct Bay {
    var place: SIMD2<Double>
    var width: Double
    var light: Double
    var rotation: Quaternion<Float>
  }

  private mutating func paintWindows(
    _ building: CityBuilding, _ part: CityBuilding.Part, _ bay: Bay
  ) {
    let (place, light) = (bay.place, bay.light)
    let isCurtain = building.facade == .curtain
    for storey in 0..<part.storeyCount {
      let isShop = storey == 0 && part.bottom == 0 && building.hasShops
      let noise = brush.noise(
        Int((place.x * 8).rounded()), Int((place.y * 8).rounded()), UInt32(64 + storey))
      let size =
        isShop || isCurtain
        ? SIMD3(0.40 * bay.width, 0.30 * part.storeyHeight, 0.03)
        : SIMD3(0.19 * bay.width, 0.22 * part.storeyHeight, 0.03)
      // Some have curtains, or a lamp behind them; higher ones show more of the sky.
      let isBright = noise.x > 0.78
      let glass = building.window * (1 + 0.25 * noise.y) + 0.004 * Double(storey)
      brush.put(
        SplatBrush.Stroke(
          size: size, rotation: bay.rotation,
          colour: isBright ? SIMD3(0.72, 0.68, 0.58) * light : glass * (0.8 + 0.2 * light),
          instance: building.instance(.window), opacity: 0.97), at: place,
        height: building.floor + part.bottom + (Double(storey) + 0.52) * part.storeyHeight)
    }
  }

  private mutating func paintRoof(
    _ building: CityBuilding, _ part: CityBuilding.Part, isTop: Bool
  ) {
    let spacing = 1.75 * scale
    let (low, high) = part.outline.box
    let square = brush.square
    let from = pointwiseMax(low, SIMD2(square.west, square.south)) / spacing
    let to = pointwiseMin(high, SIMD2(square.west, square.south) + square.edge) / spacing
    if from.x < to.x, from.y < to.y {
      for row in Int(from.y.rounded(.down))...Int(to.y.rounded(.up)) {
        for column in Int(from.x.rounded(.down))...Int(to.x.rounded(.up)) {
          let place = SIMD2(Double(column) + 0.5, Double(row) + 0.5) * spacing
          let depth = part.outline.depth(place)
          guard depth > 0 else { continue }
          paintRoof(building, part, at: place, depth: depth, spacing: spacing)
        }
      }
    }
    for edge in part.outline.edges where part.roof == .flat {
      let count = max(1, Int((edge.length / 2.2 / scale).rounded(.up)))
      let step = edge.length / Double(count)
      for place in 0..<count {
        let at = edge.start + (Double(place) + 0.5) * step * edge.direction
        brush.put(
          SplatBrush.Stroke(
            size: SIMD3(0.6 * step, 0.16, 0.16), rotation: heading(edge.direction),
            colour: building.wall * 1.08, instance: building.instance(.roof)), at: at,
          height: building.floor + part.top + 0.2)
      }
    }
    if part.roof == .flat, isTop, building.height > 8 { paintMachines(building, part) }
  }

  private mutating func paintRoof(
    _ building: CityBuilding, _ part: CityBuilding.Part, at place: SIMD2<Double>, depth: Double,
    spacing: Double
  ) {
    let noise = brush.noise(Int(place.x * 16), Int(place.y * 16), 2)
    var stroke = SplatBrush.Stroke(
      size: SIMD3(0.62 * spacing, 0.62 * spacing, 0.03), colour: building.roofColour,
      instance: building.instance(.roof))
    var light = 1.0
    if part.roof != .flat {
      let edge = part.outline.edges[part.fall(place).edge]
      let slope = CityBuilding.slope
      let length = (1 + slope * slope).squareRoot()
      let outward = -slope / length * edge.inward
      light = CitySun.light(SIMD3(outward.x, outward.y, 1 / length))
      // Along the eaves, then up about them.
      let half = atan(slope) / 2
      stroke.rotation =
        heading(edge.direction)
        * Quaternion<Float>(w: Float(cos(half)), x: Float(sin(half)), y: 0, z: 0)
      stroke.size.y *= length
    } else {
      stroke.size.x = 0.62 * min(spacing, max(depth, 0.4 * spacing) * 1.3)
      stroke.size.y = stroke.size.x
    }
    stroke.colour *= light * (1 + 0.05 * noise.x)
    brush.put(stroke, at: place, height: building.floor + part.roofHeight(place))
  }

  /// What stands on flat roofs.
  private mutating func paintMachines(_ building: CityBuilding, _ part: CityBuilding.Part) {
    let middle = part.outline.middle
    let axis = part.outline.axis
    for index in 0..<3 {
      let noise = brush.noise(Int(middle.x * 4), Int(middle.y * 4), UInt32(32 + index))
      let place =
        middle + 0.3 * building.radius * (noise.x * axis + noise.y * SIMD2(-axis.y, axis.x))
      guard part.outline.depth(place) > 2.5 else { continue }
      for side in [-1.0, 1] {
        brush.put(
          SplatBrush.Stroke(
            size: SIMD3(0.75, 0.7, 0.6), rotation: heading(axis),
            colour: SIMD3(0.60, 0.61, 0.62) * (1 + 0.1 * noise.z),
            instance: building.instance(.roof)), at: place + 0.8 * side * axis,
          height: building.floor + part.top + 0.9)
      }
    }
  }
}
