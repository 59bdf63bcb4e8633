// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
package import Splats

extension OSMObject {
  /// The area inside of its rings, holes taken off, on the plane of a frame, square metres.
  package func squareMetres(in frame: MapFrame) -> Double {
    rings.reduce(0) { sum, ring in
      let points = ring.points.map { point -> SIMD2<Double> in
        let place = frame.point(
          GeodeticPosition(osmLongitude: Double(point.x), osmLatitude: Double(point.y)))
        return SIMD2(place.x, place.y)
      }
      return sum + abs(signedArea(points)) * (ring.isHole ? -1 : 1)
    }
  }
}

/// What a map of OpenStreetMap makes of a place: its surfaces, the things on it, and by what rules.
package struct OSMCity: Sendable {
  /// Something that is counted: a building, a tree.
  package struct Thing: Equatable, Sendable {
    /// The number in the identifiers of its surfaces, from 1 on.
    package var number: UInt32
    /// What it is.
    package var what: SemanticClass
    /// Its name or address, or its id on the map.
    package var name: String
  }

  /// The surfaces in the frame of the map.
  package private(set) var surfaces: [MapSurface] = []
  /// The things, by number.
  package private(set) var things: [Thing] = []
  /// What was made by which rule.
  package private(set) var report = OSMReport()

  private let frame: MapFrame
  private let ground: GroundHeights

  /// The largest box of ground that is made, along either side, metres.
  package static let longestSide = 20_000.0
  /// What lies around the outermost objects, metres.
  private static let margin = 10.0
  /// A tree of a forest stands in so many metres along east and north.
  private static let forestPitch = 9.0
  /// The most trees that a map's forests get.
  private static let mostForestTrees = 200_000

  /// Raises a map.
  ///
  /// - Parameters:
  ///   - map: what the file holds.
  ///   - frame: the frame of the surfaces.
  ///   - ground: how high the ground lies in it.
  ///   - file: the name used in errors.
  /// - Throws: `InputError` for a map that spans more than `longestSide`.
  package init(
    _ map: OSMMap, frame: MapFrame, ground: GroundHeights, file: String
  ) throws(InputError) {
    self.frame = frame
    self.ground = ground
    report.count("left out", "broken outline", map.counts.brokenAreas)
    report.count("left out", "incomplete relation", map.counts.incompleteRelations)
    let open = map.objects.filter { !$0.tags.isBelowGround }
    report.count("left out", "below the ground", map.objects.count - open.count)
    let box = try box(open, file: file)
    raiseBuildings(open)
    var props = PlanProps(ground: ground, firstThing: nextThing)
    addProps(open, box, &props)
    surfaces += props.surfaces
    things += props.things.map { Thing(number: $0.number, what: $0.what, name: $0.name) }
    report.add(props.report)
    layGround(open, box)
  }

  private var nextThing: UInt32 { (things.last?.number ?? 0) + 1 }

  /// The point of the plane under a place of the map.
  private func plan(_ point: SIMD2<Int32>) -> SIMD2<Double> {
    let place = frame.point(
      GeodeticPosition(osmLongitude: Double(point.x), osmLatitude: Double(point.y)))
    return SIMD2(place.x, place.y)
  }

  private func line(_ object: OSMObject) -> [SIMD2<Double>] {
    object.rings.first.map { $0.points.map(plan) } ?? []
  }

  private func areas(_ object: OSMObject) -> [PlanArea] {
    var areas: [PlanArea] = []
    var (outer, holes) = ([SIMD2<Double>](), [[SIMD2<Double>]]())
    for ring in object.rings {
      if !ring.isHole {
        if let area = PlanArea(outer: outer, holes: holes) { areas.append(area) }
        (outer, holes) = (ring.points.map(plan), [])
      } else {
        holes.append(ring.points.map(plan))
      }
    }
    if let area = PlanArea(outer: outer, holes: holes) { areas.append(area) }
    return areas
  }

  /// The box around all that is raised or painted.
  private func box(
    _ objects: [OSMObject], file: String
  ) throws(InputError) -> (low: SIMD2<Double>, high: SIMD2<Double>) {
    let points = objects.lazy.filter(Self.isDrawn).flatMap { $0.rings }.flatMap { $0.points }
    guard points.first != nil else {
      throw InputError(
        file: file, field: "map", found: "nothing to build from",
        expected: "buildings, roads, trees, land or water")
    }
    let bounds = boundingBox(points.map(plan))
    let size = bounds.high - bounds.low
    guard size.x <= Self.longestSide, size.y <= Self.longestSide else {
      throw InputError(
        file: file, field: "map", found: "\(Int(size.x)) m by \(Int(size.y)) m",
        expected: "at most \(Int(Self.longestSide)) m along either side: cut an extract")
    }
    return (bounds.low - Self.margin, bounds.high + Self.margin)
  }

  private static func isDrawn(_ object: OSMObject) -> Bool {
    switch object.kind {
    case .node:
      return object.tags["natural"] == "tree" || object.tags["highway"] == "street_lamp"
        || object.tags["barrier"] != nil
    case .way:
      return GroundLine(object.tags) != nil || object.tags["barrier"] != nil
        || object.tags["natural"] == "coastline" || object.tags["natural"] == "tree_row"
    case .areaOfWay, .areaOfRelation:
      return object.tags.has("building") || object.tags.has("building:part")
        || GroundCover.area(object.tags) != nil
    }
  }

  private mutating func raiseBuildings(_ objects: [OSMObject]) {
    let plan = BuildingPlan(objects, firstThing: nextThing, areas: areas)
    things += plan.things.map { Thing(number: $0.number, what: .wall, name: $0.name) }
    report.count("buildings", "buildings", plan.things.count)
    report.count("buildings", "outlines and parts raised", plan.raised.count)
    report.count("buildings", "outlines replaced by their parts", plan.replacedCount)
    let neighbours = NeighbourHeights(plan.raised)
    var raiser = BuildingRaiser(ground: ground)
    for building in plan.raised { raiser.raise(building, neighbours: neighbours) }
    surfaces += raiser.surfaces
    report.add(raiser.report)
  }

  private mutating func addProps(
    _ objects: [OSMObject], _ box: (low: SIMD2<Double>, high: SIMD2<Double>),
    _ props: inout PlanProps
  ) {
    var forestTrees = 0
    for object in objects {
      let tags = object.tags
      switch object.kind {
      case .node:
        guard let place = line(object).first else { continue }
        addPoint(tags, place, BuildingPlan.name(object), &props)
      case .way where tags["natural"] == "tree_row":
        for place in Self.spaced(line(object), by: 8) {
          props.plant(
            tags, at: place, name: BuildingPlan.name(object), variety: Self.variety(place))
        }
      case .way:
        props.build(tags, along: line(object))
      case .areaOfWay, .areaOfRelation:
        guard tags["natural"] == "wood" || tags["landuse"] == "forest" else { continue }
        for area in areas(object) {
          forestTrees += plantForest(
            tags, area, BuildingPlan.name(object), most: Self.mostForestTrees - forestTrees, &props)
        }
      }
    }
    report.count("trees", "planted in forests every \(Int(Self.forestPitch)) m", forestTrees)
  }

  private func addPoint(
    _ tags: OSMTags, _ place: SIMD2<Double>, _ name: String, _ props: inout PlanProps
  ) {
    if tags["natural"] == "tree" {
      props.plant(tags, at: place, name: name, variety: Self.variety(place))
    } else if tags["highway"] == "street_lamp" {
      props.stand(tags, at: place, height: 6, radius: 0.08)
    } else if tags["barrier"] == "bollard" {
      props.stand(tags, at: place, height: 0.9, radius: 0.12)
    }
  }

  private func plantForest(
    _ tags: OSMTags, _ area: PlanArea, _ name: String, most: Int, _ props: inout PlanProps
  ) -> Int {
    let pitch = Self.forestPitch
    var planted = 0
    let (low, high) = ((area.box.low / pitch).rounded(.down), (area.box.high / pitch).rounded(.up))
    guard ((high - low).x * (high - low).y) < Double(4 * Self.mostForestTrees) else { return 0 }
    for row in Int(low.y)...Int(high.y) {
      for column in Int(low.x)...Int(high.x) {
        let corner = SIMD2(Double(column), Double(row)) * pitch
        let shift = SIMD2(Self.variety(corner), Self.variety(corner + 0.5))
        let place = corner + shift * pitch
        guard planted < most, area.contains(place) else { continue }
        props.plant(tags, at: place, name: name, variety: Self.variety(place))
        planted += 1
      }
    }
    return planted
  }

  /// A number in 0..<1 that depends on a place alone, to a decimetre.
  private static func variety(_ place: SIMD2<Double>) -> Double {
    let steps = SIMD2<Int64>((place * 10).rounded(.toNearestOrEven))
    var mixed = UInt64(bitPattern: steps.x &* 0x1f12_3bb5 &+ steps.y &* 0x5f35_6495)
    // The finaliser of MurmurHash3.
    mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
    mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return Double((mixed ^ mixed >> 33) >> 11) * 0x1p-53
  }

  /// Places along a line, so many metres apart.
  private static func spaced(_ line: [SIMD2<Double>], by pitch: Double) -> [SIMD2<Double>] {
    var places: [SIMD2<Double>] = []
    var next = 0.0
    for (a, b) in zip(line, line.dropFirst()) {
      let length = squaredDistance(a, b).squareRoot()
      while next <= length, length > 0 {
        places.append(a + (b - a) * (next / length))
        next += pitch
      }
      next -= length
    }
    return places
  }

  private mutating func layGround(
    _ objects: [OSMObject], _ box: (low: SIMD2<Double>, high: SIMD2<Double>)
  ) {
    let coasts = objects.filter { $0.kind == .way && $0.tags["natural"] == "coastline" }
    var raster = GroundRaster(box: box, coast: Coastline(coasts.map(line)))
    for object in objects {
      if object.isArea, let cover = GroundCover.area(object.tags) {
        // A closed road is a line unless it says that it is an area.
        let isRoad = object.tags["highway"] != nil || object.tags["railway"] != nil
        guard
          !isRoad || object.kind == .areaOfRelation || object.tags["area"] == "yes"
            || object.tags["highway"] == nil
        else { continue }
        raster.add(cover, .rings(object.rings.map { $0.points.map(plan) }))
        report.count("ground", "\(cover.what)")
      } else if object.kind == .way, let painted = GroundLine(object.tags) {
        guard object.tags["area"] != "yes" else { continue }
        addLine(painted, line(object), &raster)
      }
    }
    let origins = raster.tileOrigins
    for origin in origins { surfaces += raster.surfaces(ofTileAt: origin, ground) }
  }

  private mutating func addLine(
    _ painted: GroundLine, _ points: [SIMD2<Double>], _ raster: inout GroundRaster
  ) {
    guard points.count > 1 else { return }
    let half = painted.width.metres / 2
    if painted.pavement > 0 {
      let cover = GroundCover(what: .pavement, colour: 0xa09c94, order: 51)
      raster.add(cover, .line(points, halfWidth: half + painted.pavement))
    }
    raster.add(painted.cover, .line(points, halfWidth: half))
    report.count("ground line width", painted.width.origin.name)
  }
}
