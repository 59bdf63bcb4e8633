// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CPROJ
package import Files
package import Geometry

/// A coordinate reference system of a map, and the way from it to WGS84.
///
/// East and north go through PROJ. Heights are only brought to metres: they stay above the map's
/// own datum, since the grids between datums are no part of PROJ's own data. Against the ellipsoid
/// they are off by the geoid's height there, tens of metres, the same for a whole city.
///
/// Not for two threads at once.
@safe package final class CoordinateSystem {
  /// The name in the registry, such as "Amersfoort / RD New + NAP height".
  package let name: String
  /// The metres of one unit of height.
  package let metresPerHeightUnit: Double
  private let context: OpaquePointer
  private let transform: OpaquePointer
  /// Whether the first two numbers of a place are angles.
  private let isGeographic: Bool

  /// Opens a system.
  ///
  /// - Parameters:
  ///   - definition: `EPSG:28992`, `urn:ogc:def:crs:EPSG::7415`, a URL of OGC's, WKT or a string of
  ///     PROJ's.
  ///   - file: the name used in errors.
  ///   - metresPerHeightUnit: the unit of heights where the system has none; nil for its unit of
  ///     east and north, and metres beside angles.
  /// - Throws: `InputError` for what PROJ does not know, and for what is no system of the ground.
  package init(
    _ definition: String, file: String, metresPerHeightUnit: Double? = nil
  ) throws(InputError) {
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: "coordinate system", found: found, expected: expected)
    }
    let shown = String(definition.prefix(60).map { $0.isNewline ? " " : $0 })
    guard !definition.utf8.contains(0), let context = unsafe proj_context_create() else {
      throw fail("a zero byte", "text")
    }
    unsafe proj_log_level(context, PJ_LOG_NONE)
    unsafe proj_context_set_enable_network(context, 0)
    // What is not handed on is freed, however this ends.
    var owned = unsafe [OpaquePointer]()
    var isDone = false
    defer {
      while let object = unsafe owned.popLast() { unsafe proj_destroy(object) }
      if !isDone { unsafe proj_context_destroy(context) }
    }
    func keep(_ object: OpaquePointer?) -> OpaquePointer? {
      if let object = unsafe object { unsafe owned.append(object) }
      return unsafe object
    }
    guard definition.utf8.count <= Self.longestDefinition,
      let system = unsafe keep(proj_create(context, definition)),
      unsafe proj_is_crs(system) != 0
    else { throw fail("\"\(shown)\"", "one that PROJ knows") }
    var horizontal = unsafe system
    var vertical: OpaquePointer?
    if unsafe proj_get_type(system) == PJ_TYPE_COMPOUND_CRS {
      guard let first = unsafe keep(proj_crs_get_sub_crs(context, system, 0)) else {
        throw fail("\"\(shown)\"", "a compound of east, north and height")
      }
      unsafe horizontal = first
      unsafe vertical = keep(proj_crs_get_sub_crs(context, system, 1))
    }
    let axes = unsafe Self.axes(horizontal, context)
    guard axes.count >= 2, unsafe proj_get_type(horizontal) != PJ_TYPE_GEOCENTRIC_CRS else {
      throw fail("\"\(shown)\"", "a system of east and north, or of latitude and longitude")
    }
    let target = unsafe keep(proj_create(context, "EPSG:4979"))
    guard let target = unsafe target,
      let raw = unsafe keep(
        proj_create_crs_to_crs_from_pj(context, horizontal, target, nil, nil)),
      let transform = unsafe proj_normalize_for_visualization(context, raw)
    else { throw fail("\"\(shown)\"", "a system with a way to WGS84") }
    let angular = axes[0].isAngle
    let upright =
      unsafe vertical.map { unsafe Self.axes($0, context) } ?? Array(axes.dropFirst(2))
    isGeographic = angular
    self.metresPerHeightUnit =
      upright.first?.factor ?? metresPerHeightUnit ?? (angular ? 1 : axes[0].factor)
    name = unsafe proj_get_name(system).map { unsafe String(cString: $0) } ?? shown
    unsafe self.context = context
    unsafe self.transform = transform
    isDone = true
  }

  deinit {
    unsafe proj_destroy(transform)
    unsafe proj_context_destroy(context)
  }

  /// The longest definition that is read, bytes: WKT of real systems has a few thousand.
  private static let longestDefinition = 1 << 16

  /// The axes of a system: whether one is an angle, and its unit in metres or radians.
  private static func axes(
    _ system: OpaquePointer, _ context: OpaquePointer
  ) -> [(isAngle: Bool, factor: Double)] {
    guard let axes = unsafe proj_crs_get_coordinate_system(context, system) else { return [] }
    defer { unsafe proj_destroy(axes) }
    return unsafe (0..<max(0, proj_cs_get_axis_count(context, axes))).map { index in
      var factor = 1.0
      var unit: UnsafePointer<CChar>?
      unsafe proj_cs_get_axis_info(context, axes, index, nil, nil, nil, &factor, &unit, nil, nil)
      let word = unsafe unit.map { unsafe String(cString: $0) } ?? ""
      return (["degree", "radian", "grad"].contains { word.hasPrefix($0) }, factor)
    }
  }

  /// Returns the place of a point; nil where it lies outside of what the system is for.
  ///
  /// The point is east or longitude, north or latitude, and height, in the system's units, angles
  /// in degrees.
  package func geodetic(_ point: SIMD3<Double>) -> GeodeticPosition? {
    guard abs(point.x) < Self.farthestUnits, abs(point.y) < Self.farthestUnits else { return nil }
    let height = point.z * metresPerHeightUnit
    let there = unsafe proj_trans(transform, PJ_FWD, proj_coord(point.x, point.y, 0, 0)).lpz
    let (longitude, latitude) = (there.lam, there.phi)
    // PROJ says infinity where it fails.
    guard abs(latitude) <= 90, abs(longitude) <= 360, abs(height) < Self.farthestHeight else {
      return nil
    }
    return GeodeticPosition(
      latitude: latitude.radiansFromDegrees, longitude: longitude.radiansFromDegrees,
      height: height)
  }

  /// Numbers beyond it are no places, in whatever unit: some projections would wrap them around.
  private static let farthestUnits = 1e9

  /// Returns the coordinates of a place, the way back of `geodetic`; nil where PROJ has none.
  ///
  /// They are east or longitude, north or latitude (degrees), in the system's units.
  package func coordinates(_ place: GeodeticPosition) -> SIMD2<Double>? {
    let point = proj_coord(
      place.longitude.degreesFromRadians, place.latitude.degreesFromRadians, 0, 0)
    let there = unsafe proj_trans(transform, PJ_INV, point).xy
    let coordinates = SIMD2(there.x, there.y)
    return coordinates.x.isFinite && coordinates.y.isFinite ? coordinates : nil
  }

  /// Heights beyond it are no places on the earth, metres.
  private static let farthestHeight = 1e6
}

/// The frame of a map: east, north and up from its origin, metres.
package struct MapFrame: Equatable, Sendable {
  /// Where the frame's origin lies on the earth.
  package let origin: GeodeticPosition
  private let enuFromECEF: RigidTransform

  /// Makes the frame at a place.
  package init(origin: GeodeticPosition) {
    self.origin = origin
    enuFromECEF = origin.ecefFromENU.inverse
  }

  /// Returns where a place lies in this frame, metres.
  package func point(_ place: GeodeticPosition) -> SIMD3<Double> { enuFromECEF * place.ecef }

  /// Returns the place of a point in this frame.
  package func place(_ point: SIMD3<Double>) -> GeodeticPosition {
    GeodeticPosition(ecef: origin.ecefFromENU * point)
  }
}
