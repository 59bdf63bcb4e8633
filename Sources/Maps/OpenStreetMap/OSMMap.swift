// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// What somebody wrote about an object of OpenStreetMap, key by key.
package struct OSMTags: Equatable, Sendable {
  /// The pairs in the file's order; keys do not repeat in sound files, and the first counts.
  package var pairs: [(key: String, value: String)]

  /// Makes tags from pairs.
  package init(_ pairs: [(key: String, value: String)] = []) { self.pairs = pairs }

  /// The value of a key, nil where there is none.
  package subscript(_ key: String) -> String? { pairs.first { $0.key == key }?.value }

  /// Whether a key stands there with a value other than `no`.
  package func has(_ key: String) -> Bool { self[key].map { $0 != "no" } ?? false }

  /// Whether the same pairs stand in the same order.
  package static func == (one: OSMTags, other: OSMTags) -> Bool {
    one.pairs.elementsEqual(other.pairs) { $0 == $1 }
  }
}

/// A tagged node, way or area of OpenStreetMap.
package struct OSMObject: Equatable, Sendable {
  /// What the points of an object mean.
  package enum Kind: UInt8, Sendable {
    /// One point.
    case node = 0
    /// A line, closed where the last point is the first.
    case way = 1
    /// What a closed way encloses; the same way is there as a line, too.
    case areaOfWay = 2
    /// What a multipolygon relation encloses.
    case areaOfRelation = 3
  }

  /// A line, or one ring of an area.
  package struct Ring: Equatable, Sendable {
    /// Whether it is a hole in the outer ring before it.
    package var isHole: Bool
    /// Longitude and latitude, 1e-7 degrees; a ring ends with its first point.
    package var points: [SIMD2<Int32>]

    /// Makes a ring from its points.
    package init(isHole: Bool = false, points: [SIMD2<Int32>]) {
      self.isHole = isHole
      self.points = points
    }
  }

  /// What the points mean.
  package var kind: Kind
  /// The id of the node, way or relation.
  package var id: Int64
  /// What somebody wrote about it.
  package var tags: OSMTags
  /// One ring for a node or a way; for an area each outer ring with its holes behind it.
  package var rings: [Ring]

  /// Makes an object from its parts.
  package init(kind: Kind, id: Int64, tags: OSMTags, rings: [Ring]) {
    self.kind = kind
    self.id = id
    self.tags = tags
    self.rings = rings
  }

  /// Whether it encloses something.
  package var isArea: Bool { kind == .areaOfWay || kind == .areaOfRelation }
}

/// What a file of OpenStreetMap holds, as plain values.
package struct OSMMap: Equatable, Sendable {
  /// How much a file holds, and how much of it is unsound.
  package struct Counts: Equatable, Sendable {
    /// Nodes in the file, tagged or not, without deleted ones.
    package var nodes = 0
    /// Ways in the file.
    package var ways = 0
    /// Relations in the file.
    package var relations = 0
    /// Nodes whose latitude or longitude no place has.
    package var nodesOutsideOfEarth = 0
    /// References of ways to nodes that the file does not hold.
    package var missingNodes = 0
    /// Area relations some of whose members the file does not hold; they are left out.
    package var incompleteRelations = 0
    /// Outlines that cross themselves or stay open; they are left out.
    package var brokenAreas = 0
    /// Outer rings of all areas, tagged or not.
    package var outerRings = 0
    /// Holes of all areas, tagged or not.
    package var innerRings = 0

    /// Makes counts of nothing.
    package init() {}
  }

  /// How much the file holds.
  package var counts: Counts
  /// The tagged objects: nodes, ways, areas, each by id.
  package var objects: [OSMObject]

  /// Makes a map from its parts.
  package init(counts: Counts, objects: [OSMObject]) {
    self.counts = counts
    self.objects = objects
  }

  /// The smallest box around all tagged objects, 1e-7 degrees; nil where there are none.
  package var bounds: (low: SIMD2<Int32>, high: SIMD2<Int32>)? {
    var box: (low: SIMD2<Int32>, high: SIMD2<Int32>)?
    for object in objects {
      for point in object.rings.lazy.flatMap(\.points) {
        guard let known = box else {
          box = (point, point)
          continue
        }
        box = (pointwiseMin(known.low, point), pointwiseMax(known.high, point))
      }
    }
    return box
  }

  /// The middle of the bounds on the ellipsoid; nil where there are no objects.
  package var centre: GeodeticPosition? {
    guard let bounds else { return nil }
    let middle = (SIMD2<Double>(bounds.low) + SIMD2<Double>(bounds.high)) / 2
    return GeodeticPosition(osmLongitude: middle.x, osmLatitude: middle.y)
  }
}

extension GeodeticPosition {
  /// Makes a place on the ellipsoid from 1e-7 degrees.
  package init(osmLongitude: Double, osmLatitude: Double) {
    let unit = 1e-7 * Double.pi / 180
    self.init(latitude: osmLatitude * unit, longitude: osmLongitude * unit, height: 0)
  }
}
