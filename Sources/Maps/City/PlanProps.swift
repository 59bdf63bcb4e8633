// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Splats

/// Trees, walls and poles as a few flat pieces each.
struct PlanProps {
  /// What is made, and what by.
  private(set) var surfaces: [MapSurface] = []
  private(set) var things: [(number: UInt32, what: SemanticClass, name: String)] = []
  private(set) var report = OSMReport()
  private(set) var nextThing: UInt32
  private let ground: GroundHeights

  init(ground: GroundHeights, firstThing: UInt32) {
    self.ground = ground
    nextThing = firstThing
  }

  /// Plants a tree: its trunk and a crown of two rounded halves.
  mutating func plant(_ tags: OSMTags, at place: SIMD2<Double>, name: String, variety: Double) {
    let isEvergreen = Self.isEvergreen(tags)
    let stated = metres(fromTag: tags["height"]).flatMap { (1...120).contains($0) ? $0 : nil }
    let height = stated ?? 7 + 5 * variety
    report.count("tree height", stated == nil ? "filled: 7-to-12-m" : "stated")
    let spread =
      metres(fromTag: tags["diameter_crown"]).flatMap { (0.5...40).contains($0) ? $0 : nil }
      ?? height * (isEvergreen ? 0.35 : 0.55)
    let origin: HeightOrigin = stated == nil ? .filled(rule: "7-to-12-m") : .stated
    let base = ground.height(at: place)
    things.append((nextThing, isEvergreen ? .evergreen : .leaves, name))
    let shade = Float(0.85 + 0.3 * variety)
    let bottom = base + height * (isEvergreen ? 0.12 : 0.28)
    addPrism(
      at: place, from: base - 0.2, to: bottom + 0.1 * height, radius: max(0.12, height / 60),
      Look(what: .wood, thing: nextThing, colour: colourSRGB(code: 0x5f4f3f), origin: origin))
    // The outline of the crown: share of the height, share of the radius.
    let profile: [(Double, Double)] =
      isEvergreen
      ? [(0, 0.85), (0.15, 1), (0.5, 0.62), (0.8, 0.28), (1, 0)]
      : [(0, 0.35), (0.18, 0.82), (0.45, 1), (0.72, 0.8), (0.92, 0.4), (1, 0)]
    addRound(
      at: SIMD3(place.x, place.y, bottom), height: base + height - bottom, radius: spread / 2,
      profile,
      Look(
        what: isEvergreen ? .evergreen : .leaves, thing: nextThing,
        colour: colourSRGB(code: isEvergreen ? 0x3d5638 : 0x5b7a3c) * shade, origin: origin))
    nextThing += 1
  }

  /// Stands a pole, such as a lamp's.
  mutating func stand(
    _ tags: OSMTags, at place: SIMD2<Double>, height usual: Double, radius: Double
  ) {
    let stated = metres(fromTag: tags["height"]).flatMap { (0.2...60).contains($0) ? $0 : nil }
    let base = ground.height(at: place)
    things.append((nextThing, .furniture, tags["highway"] ?? tags["barrier"] ?? "pole"))
    addPrism(
      at: place, from: base, to: base + (stated ?? usual), radius: radius,
      Look(
        what: .furniture, thing: nextThing, colour: colourSRGB(code: 0x4a4d50),
        origin: stated == nil ? .filled(rule: "usual-for-kind") : .stated))
    report.count("pole height", stated == nil ? "filled: usual-for-kind" : "stated")
    nextThing += 1
  }

  /// Builds a wall, a fence or a hedge along a line.
  mutating func build(_ tags: OSMTags, along line: [SIMD2<Double>]) {
    guard let kind = tags["barrier"], let usual = Self.barriers[kind] else { return }
    let stated = metres(fromTag: tags["height"]).flatMap { (0.1...30).contains($0) ? $0 : nil }
    let height = stated ?? usual.height
    report.count("barrier height", stated == nil ? "filled: usual-for-kind" : "stated")
    let origin: HeightOrigin = stated == nil ? .filled(rule: "usual-for-kind") : .stated
    let halfWidth = (metres(fromTag: tags["width"]) ?? usual.width) / 2
    let colour =
      colourSRGB(fromTag: tags["colour"]) ?? colourSRGB(ofMaterial: tags["material"])
      ?? colourSRGB(code: usual.colour)
    let look = Look(what: usual.what, colour: colour, origin: origin)
    for (a, b) in zip(line, line.dropFirst()) {
      let along = b - a
      let length = dot(along, along).squareRoot()
      guard length > 0.05 else { continue }
      let side = SIMD2(-along.y, along.x) / length * halfWidth
      let plan = [a - side, b - side, b + side, a + side]
      let low = plan.map { SIMD3($0.x, $0.y, ground.height(at: $0)) }
      let high = low.map { $0 + SIMD3(0, 0, height) }
      for index in 0..<4 {
        let next = (index + 1) % 4
        add([low[index], low[next], high[next], high[index]], look)
      }
      // The ground may slope in any way: the upper side as two triangles.
      add([high[0], high[1], high[2]], look)
      add([high[0], high[2], high[3]], look)
    }
  }

  private static let barriers:
    [String: (height: Double, width: Double, colour: UInt32, what: SemanticClass)] = [
      "wall": (1.2, 0.3, 0x9c948a, .barrier), "city_wall": (6, 1.5, 0x9c948a, .barrier),
      "retaining_wall": (1, 0.4, 0x938c83, .barrier), "fence": (1.4, 0.1, 0x6f6a60, .barrier),
      "hedge": (1.4, 0.9, 0x55703a, .shrub), "guard_rail": (0.8, 0.15, 0x9aa0a4, .barrier),
      "handrail": (1, 0.08, 0x8a8f93, .barrier), "jersey_barrier": (0.8, 0.4, 0xa9a6a0, .barrier),
      "chain": (0.8, 0.08, 0x6f6a60, .barrier),
    ]

  private static func isEvergreen(_ tags: OSMTags) -> Bool {
    tags["leaf_type"] == "needleleaved" || tags["leaf_cycle"] == "evergreen"
      || ["Picea", "Pinus", "Abies", "Taxus", "Thuja"].contains(tags["genus"] ?? "")
  }

  /// What a piece is, in which colour, and how its height was got.
  private struct Look {
    var what: SemanticClass
    var thing: UInt32 = 0
    var colour: SIMD3<Float>
    var origin: HeightOrigin
  }

  private mutating func add(_ ring: [SIMD3<Double>], _ look: Look) {
    surfaces.append(
      MapSurface(
        [ring], look.what, thing: look.thing, colourSRGB: look.colour, height: look.origin))
  }

  private mutating func addPrism(
    at place: SIMD2<Double>, from low: Double, to high: Double, radius: Double, _ look: Look
  ) {
    let corners = (0..<6).map { index -> SIMD2<Double> in
      let angle = Double(index) * .pi / 3
      return place + SIMD2(cos(angle), sin(angle)) * radius
    }
    for (index, a) in corners.enumerated() {
      let b = corners[(index + 1) % 6]
      let upper = [SIMD3(b.x, b.y, high), SIMD3(a.x, a.y, high)]
      add([SIMD3(a.x, a.y, low), SIMD3(b.x, b.y, low)] + upper, look)
    }
    add(corners.map { SIMD3($0.x, $0.y, high) }, look)
  }

  /// Adds a body of revolution in eight sides, its profile from below as shares.
  private mutating func addRound(
    at foot: SIMD3<Double>, height: Double, radius: Double, _ profile: [(Double, Double)],
    _ look: Look
  ) {
    func point(_ side: Int, _ level: (Double, Double)) -> SIMD3<Double> {
      let angle = Double(side) * .pi / 4
      let reach = radius * level.1
      return foot + SIMD3(cos(angle) * reach, sin(angle) * reach, height * level.0)
    }
    for (lower, upper) in zip(profile, profile.dropFirst()) {
      for side in 0..<8 {
        let below = [point(side, lower), point(side + 1, lower)]
        let above = [point(side + 1, upper), point(side, upper)]
        add(below + (upper.1 == 0 ? [above[0]] : above), look)
      }
    }
    // The underside.
    add((0..<8).reversed().map { point($0, profile[0]) }, look)
  }
}
