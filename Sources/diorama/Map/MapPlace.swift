// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Maps
import SceneStore
import Splats

/// Where a map lies: its frame, and the ground in it.
struct MapPlace {
  let frame: MapFrame
  let ground: GroundHeights

  /// Puts the frame in the middle of a map, on its ground, or where it is asked for.
  ///
  /// - Parameters:
  ///   - map: the map.
  ///   - file: its name in errors.
  ///   - origin: where the frame's origin is to lie, nil for the middle.
  ///   - terrain: the file of the ground's heights.
  /// - Throws: `InputError` for a map of nothing and for a terrain that cannot be read or lies
  ///   elsewhere.
  init(
    _ map: OSMMap, file: String, origin: GeodeticPosition?, terrain: String?
  ) throws(InputError) {
    guard let bounds = map.bounds, var centre = map.centre else {
      throw InputError(
        file: file, field: "map", found: "nothing with a tag", expected: "something to build")
    }
    let raster: HeightRaster? = if let terrain { try Self.terrain(terrain) } else { nil }
    if let origin {
      centre = origin
    } else if let raster, let terrain {
      centre.height = try raster.groundHeight(under: centre, file: terrain) ?? 0
    }
    frame = MapFrame(origin: centre)
    guard let raster, let terrain else {
      ground = GroundHeights()
      return
    }
    ground = try Self.ground(raster, under: bounds, frame, file: terrain)
  }

  /// The ground of a raster under a map.
  private static func ground(
    _ raster: HeightRaster, under bounds: (low: SIMD2<Int32>, high: SIMD2<Int32>),
    _ frame: MapFrame, file: String
  ) throws(InputError) -> GroundHeights {
    var box = AxisAlignedBox()
    for x in [bounds.low.x, bounds.high.x] {
      for y in [bounds.low.y, bounds.high.y] {
        box.add(
          frame.point(GeodeticPosition(osmLongitude: Double(x), osmLatitude: Double(y))))
      }
    }
    let low = SIMD2(box.minimum.x, box.minimum.y) - margin
    let high = SIMD2(box.maximum.x, box.maximum.y) + margin
    var field = try HeightField(
      raster, in: frame, box: (low, high), spacing: spacing, file: file)
    guard field.heights.contains(where: { !$0.isNaN }) else {
      throw InputError(
        file: file, field: "terrain", found: "no height under the map", expected: "some there")
    }
    field.fillHoles()
    return GroundHeights(field: field)
  }

  /// How far beyond the map's objects the ground is sampled, metres.
  private static let margin = 50.0
  /// The distance between samples of the ground, metres.
  private static let spacing = 8.0

  /// Whether a file's name is that of a terrain.
  static func isTerrain(_ file: String) -> Bool { isSRTM(file) || isTIFF(file) }

  private static func isSRTM(_ file: String) -> Bool {
    [".hgt", ".hgt.zip"].contains { file.lowercased().hasSuffix($0) }
  }

  private static func isTIFF(_ file: String) -> Bool {
    [".tif", ".tiff"].contains { file.lowercased().hasSuffix($0) }
  }

  /// Reads heights of the ground.
  static func terrain(_ file: String) throws(InputError) -> HeightRaster {
    if isSRTM(file) { return try HeightRaster(readingSRTM: file) }
    guard isTIFF(file) else {
      throw InputError(
        file: file, field: "name", found: "another ending",
        expected: "an SRTM tile (.hgt, .hgt.zip) or a GeoTIFF (.tif)")
    }
    return try HeightRaster(readingGeoTIFF: file)
  }
}

/// What a scene is made from.
struct MapSources {
  let sources: [SplatSource]

  /// Takes the checksums of the files.
  init(map: String, terrain: String?, licence: String) throws(InputError) {
    var sources: [SplatSource] = []
    for (file, licence) in [(map, licence), (terrain, "unknown")] {
      guard let file else { continue }
      sources.append(
        SplatSource(
          name: file, licence: licence, sha256: try SHA256.hexDigest(ofFile: file), method: .seeded)
      )
    }
    self.sources = sources
  }
}

extension OSMCity {
  /// The things as a scene file lists them: an instance id for each class of their parts.
  var sceneThings: [SceneThing] {
    let names = Dictionary(things.map { ($0.number, $0.name) }) { first, _ in first }
    let identifiers = Set(surfaces.map(\.identifier)).filter { $0.thing > 0 }
    return identifiers.sorted { $0.rawValue < $1.rawValue }.map {
      SceneThing(id: $0.rawValue, $0.semanticClass, name: names[$0.thing] ?? "")
    }
  }
}
