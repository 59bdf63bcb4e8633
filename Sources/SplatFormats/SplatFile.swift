// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Splats

/// Files that hold clouds of Gaussians: PLY, compressed PLY, `.splat`, `.ksplat`, SPZ and SOG.
///
/// **Frame.** A cloud is handed over in the frame of INRIA's PLY, whose axes are those of the
/// capture's first cameras: x right, y down, z forward (RDF). All but SPZ store that frame.
/// SPZ stores x right, y up, z backward (RUB), so its reader and writer turn positions, rotations
/// and colours by half a turn about x (`AxisFlip.rdfFromRUB`); an extension of the file can name
/// the frame it stores (`SPZExtensions`). The same scene from two containers then agrees. Nothing
/// here knows which way is up: aligning a scene with the world comes later.
///
/// **Unit.** That of the file; captures are metric only where their maker scaled them.
package enum SplatFile {
  /// The most splats that are read into memory at once, 134 million (34 GB at degree 3).
  package static let largestCount = 1 << 27

  /// The containers that can be written.
  package enum Format: Sendable, CaseIterable {
    /// INRIA's binary little-endian PLY with normals: 62 floats a splat at degree 3.
    case ply
    /// SPZ version 3: one gzip stream.
    case spz3
    /// SPZ version 4: a plain header and one zstd stream an attribute.
    case spz4
  }

  /// Reads a file, told apart by its first bytes or, where they say nothing, by its name.
  ///
  /// Of a SOG in a folder the file is its `meta.json` or, of a streamed one, `lod-meta.json`.
  ///
  /// - Throws: `InputError` when the file is missing, cut short, of no known kind or contradicts
  ///   itself. Splats that cannot be drawn are dropped and counted: see `readReporting`.
  package static func read(_ path: String) throws(InputError) -> SplatCloud {
    try readReporting(path).cloud
  }

  /// Reads a file as `read` does and says what was dropped or repaired on the way.
  package static func readReporting(
    _ path: String
  ) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
    let name = path.split(separator: "/").last ?? ""
    if name == "meta.json" { return try readSOGFolder(path) }
    if name == "lod-meta.json" { return try readStreamedSOG(path) }
    return try parse(try readFile(path), file: path)
  }

  /// Parses the bytes of a file called `file`.
  package static func parse(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
    if bytes.starts(with: PLYHeader.magic) { return try parsePLY(bytes, file: file) }
    if bytes.starts(with: SPZHeader.magic) || bytes.starts(with: SPZHeader.gzipMagic) {
      return try parseSPZ(bytes, file: file)
    }
    if bytes.starts(with: Self.zipMagic) { return try parseSOGArchive(bytes, file: file) }
    // Nobody saves a scene of nothing: such a file was cut off at its beginning.
    let name = bytes.isEmpty ? "" : file.lowercased()
    if name.hasSuffix(".splat") { return try parseSplatRecords(bytes, file: file) }
    if name.hasSuffix(".ksplat") { return try parseKSplat(bytes, file: file) }
    let start = bytes.prefix(4).map { "\($0)" }.joined(separator: " ")
    throw InputError(
      file: file, field: "first bytes", found: bytes.isEmpty ? "an empty file" : start,
      expected:
        "a PLY (\"ply\"), an SPZ (\"NGSP\" or gzip), a SOG (zip), or a name ending in .splat "
        + "or .ksplat")
  }

  private static let zipMagic = Array("PK\u{3}\u{4}".utf8)

  /// Writes a cloud so that the file is either whole or absent.
  ///
  /// Instance ids are left out: no container here has a place for them.
  ///
  /// - Parameters:
  ///   - cloud: the splats, in PLY's axes.
  ///   - path: the file, replaced when it exists.
  ///   - format: the container.
  ///   - antialiased: whether the cloud was trained for a renderer that takes the pixel blur out
  ///     of the opacity (Mip-Splatting); all three formats can say so.
  /// - Throws: `InputError` when a value is not finite, a position is outside what SPZ can hold,
  ///   or the file cannot be written.
  package static func write(
    _ cloud: SplatCloud, to path: String, as format: Format, antialiased: Bool = false
  ) throws(InputError) {
    try publishFile(path, try encode(cloud, as: format, antialiased: antialiased, file: path))
  }

  /// Returns the bytes that `write` publishes; equal clouds give equal bytes.
  package static func encode(
    _ cloud: SplatCloud, as format: Format, antialiased: Bool = false, file: String
  ) throws(InputError) -> [UInt8] {
    cloud.checkInvariants()
    switch format {
    case .ply: return try encodePLY(cloud, antialiased: antialiased, file: file)
    case .spz3: return try encodeSPZ(cloud, version: 3, antialiased: antialiased, file: file)
    case .spz4: return try encodeSPZ(cloud, version: 4, antialiased: antialiased, file: file)
    }
  }
}
