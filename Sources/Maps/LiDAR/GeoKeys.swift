// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The keys by which GeoTIFF and LAS files say their coordinate system.
///
/// Source: OGC 19-008r4, "GeoTIFF Standard" 1.1, annexes B and C.
package struct GeoKeys: Equatable, Sendable {
  /// The words of the directory: four a key, after four of its header.
  private let directory: [UInt16]
  private let doubles: [Double]

  /// Takes the directory and the numbers that it refers to.
  package init(directory: [UInt16], doubles: [Double]) {
    self.directory = directory
    self.doubles = doubles
  }

  private enum Key {
    static let geographicType: UInt16 = 2048
    static let semiMajorAxis: UInt16 = 2057
    static let inverseFlattening: UInt16 = 2059
    static let projectedType: UInt16 = 3072
    static let method: UInt16 = 3075
    static let linearUnit: UInt16 = 3076
    static let verticalType: UInt16 = 4096
    static let verticalUnit: UInt16 = 4099
  }

  private static let userDefined = 32_767

  /// The number that stands in the directory itself; nil without the key.
  private func short(_ key: UInt16) -> Int? {
    entry(key).flatMap { $0.location == 0 ? $0.value : nil }
  }

  /// The first of the numbers that a key refers to.
  private func double(_ key: UInt16) -> Double? {
    guard let entry = entry(key), entry.location == 34_736, entry.value < doubles.count,
      doubles[entry.value].isFinite
    else { return nil }
    return doubles[entry.value]
  }

  private func entry(_ key: UInt16) -> (location: Int, value: Int)? {
    for start in stride(from: 4, to: directory.count - 3, by: 4) where directory[start] == key {
      return (Int(directory[start + 1]), Int(directory[start + 3]))
    }
    return nil
  }

  /// The metres of a unit by its number in EPSG's registry; nil for others.
  private static func metres(unit: Int?) -> Double? {
    switch unit {
    case 9001: 1
    case 9002: 0.3048
    case 9003: 1200.0 / 3937
    default: nil
    }
  }

  /// The metres of a unit of height; nil where the keys do not say it.
  package var metresPerHeightUnit: Double? { Self.metres(unit: short(Key.verticalUnit)) }

  /// The system in the words of PROJ: codes of EPSG's, or a projection with its parameters; nil for
  /// keys that say neither.
  package var definition: String? {
    var horizontal: String?
    if let code = short(Key.projectedType) {
      horizontal = code == Self.userDefined ? projection : "EPSG:\(code)"
    } else if let code = short(Key.geographicType), code != Self.userDefined {
      horizontal = "EPSG:\(code)"
    }
    guard let horizontal else { return nil }
    if let code = short(Key.verticalType), code != Self.userDefined, horizontal.hasPrefix("EPSG") {
      return "\(horizontal)+\(code)"
    }
    return horizontal
  }

  /// A projection that has no code: Transverse Mercator or Lambert's conformal conic.
  private var projection: String? {
    // Coordinates are as the parameters' unit says, which is that of the coordinates.
    guard let unit = Self.metres(unit: short(Key.linearUnit) ?? 9001) else { return nil }
    func number(_ keys: UInt16...) -> Double? { keys.lazy.compactMap(double).first }
    var words: [(String, Double?)]
    switch short(Key.method) {
    case 1:
      words = [("k", number(3092) ?? 1)]
    case 8:
      words = [("lat_1", number(3078)), ("lat_2", number(3079))]
    default:
      return nil
    }
    words += [
      ("lat_0", number(3081, 3085)), ("lon_0", number(3080, 3084)),
      ("x_0", (number(3082, 3086) ?? 0) * unit), ("y_0", (number(3083, 3087) ?? 0) * unit),
      ("a", double(Key.semiMajorAxis) ?? 6_378_137),
      ("rf", double(Key.inverseFlattening) ?? 298.257_222_101), ("to_meter", unit),
    ]
    if short(Key.method) == 8, number(3084) != nil {
      // The false origin has keys of its own: latitude 3085, easting 3086, northing 3087.
      words[2].1 = number(3085)
      words[3].1 = number(3084)
    }
    guard words.allSatisfy({ $0.1 != nil }) else { return nil }
    let name = short(Key.method) == 1 ? "tmerc" : "lcc"
    return "+proj=\(name) " + words.map { "+\($0.0)=\($0.1 ?? 0)" }.joined(separator: " ")
      + " +no_defs +type=crs"
  }
}
