// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

extension HeightRaster {
  /// Reads a tile of NASA's Shuttle Radar Topography Mission: `N60E024.hgt`, or a zip of one.
  ///
  /// 1201 x 1201 samples three arc-seconds apart or 3601 x 3601 one apart, big-endian, rows from
  /// the north, metres above the geoid EGM96; the name is the south-western sample's. -32768 is a
  /// void; so is what no ground on the earth has, below -500 m or above 9,000 m.
  ///
  /// Source: NASA LP DAAC, "SRTM Collections User Guide" (2015), section 2.
  /// - Throws: `InputError` for another name or size, and for a zip without exactly one tile.
  package init(readingSRTM path: String) throws(InputError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard name.lowercased().hasSuffix(".zip") else {
      try self.init(srtm: try readFile(path), name: name, file: path)
      return
    }
    var limits = ArchiveLimits()
    limits.memberByteCount = Self.bytesOfOneSecond
    var tiles: [(name: String, bytes: [UInt8])] = []
    try readZipArchive(
      path, limits: limits, isWanted: { $0.lowercased().hasSuffix(".hgt") }
    ) { (name, bytes) throws(InputError) in
      tiles.append((name, bytes))
    }
    guard tiles.count == 1 else {
      throw InputError(
        file: path, field: "archive", found: "\(tiles.count) .hgt files", expected: "one")
    }
    let tile = tiles[0].name.split(separator: "/").last.map(String.init) ?? ""
    try self.init(srtm: tiles[0].bytes, name: tile, file: path)
  }

  private static let bytesOfOneSecond = 3601 * 3601 * 2
  private static let bytesOfThreeSeconds = 1201 * 1201 * 2
  /// The heights that ground on the earth has, metres.
  private static let possible: ClosedRange<Int16> = -500...9000

  /// Reads a tile's bytes; the first seven letters of its name say where it lies.
  init(srtm bytes: [UInt8], name: String, file: String) throws(InputError) {
    guard let corner = Self.corner(named: name) else {
      throw InputError(
        file: file, field: "name", found: name, expected: "a corner such as N60E024.hgt")
    }
    guard [Self.bytesOfOneSecond, Self.bytesOfThreeSeconds].contains(bytes.count) else {
      throw InputError(
        file: file, field: "tile", found: "\(bytes.count) bytes",
        expected: "\(Self.bytesOfThreeSeconds) or \(Self.bytesOfOneSecond)")
    }
    let side = bytes.count == Self.bytesOfOneSecond ? 3601 : 1201
    let heights = (0..<side * side).map { index -> Float in
      let height = Int16(bitPattern: UInt16(bytes[2 * index]) << 8 | UInt16(bytes[2 * index + 1]))
      return Self.possible.contains(height) ? Float(height) : .nan
    }
    let step = 1 / Double(side - 1)
    self.init(
      size: (side, side), northWest: corner + SIMD2(0, 1), step: SIMD2(step, -step),
      system: ("EPSG:4326", 1), heights: heights)
  }

  /// The longitude and latitude of a name such as `N60E024`, degrees.
  private static func corner(named name: String) -> SIMD2<Double>? {
    let letters = Array(name.uppercased().utf8.prefix(7))
    guard letters.count == 7,
      let latitude = Int(String(decoding: letters[1..<3], as: UTF8.self)),
      let longitude = Int(String(decoding: letters[4..<7], as: UTF8.self)),
      (0...90).contains(latitude), (0...180).contains(longitude),
      "NS".utf8.contains(letters[0]), "EW".utf8.contains(letters[3])
    else { return nil }
    return SIMD2(
      Double(letters[3] == UInt8(ascii: "E") ? longitude : -longitude),
      Double(letters[0] == UInt8(ascii: "N") ? latitude : -latitude))
  }
}
