// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Splats

/// Reads PlayCanvas's SOG, version 2: pictures whose pixels are the numbers of splats.
///
/// A `meta.json` names lossless WebP pictures beside it, in a folder, or all in one zip, `.sog`:
///
///     means      two pictures, low and high bytes: shares between mins and maxs of
///                sign(x) ln(1 + |x|)
///     scales     red, green, blue: places in a list of 256 log scales
///     quats      alpha 252 + the largest part of w x y z; the others in red, green, blue
///     sh0        red, green, blue: places in a list of coefficients; alpha the opacity
///     shN        labels of 16 bits in red and green; for each label a row of 3, 8 or 15 pixels
///                whose red, green, blue are places in a list of coefficients
///
/// Source: `splats.md` section 2.6.
struct SOGReader {
  /// The name of `meta.json`, or of the zip, for errors.
  let file: String
  /// Reads one of the files that `meta.json` names.
  let read: (String) throws(InputError) -> [UInt8]

  /// Parses what `meta.json` describes.
  ///
  /// - Parameters:
  ///   - meta: the bytes of `meta.json`.
  ///   - rows: the splats that are wanted; nil for all.
  /// - Returns: the splats, and what was found.
  /// - Throws: `InputError` where a file is missing or damaged, or they contradict each other.
  func cloud(
    _ meta: [UInt8], rows: Range<Int>? = nil
  ) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
    let fields = try JSONFields(file: file, JSONValue(file: file, bytes: meta))
    let version = try fields.integer("version")
    guard version == 2 else {
      throw InputError(file: file, field: "version", found: "\(version)", expected: "2")
    }
    let count = try fields.integer("count")
    guard count <= SplatFile.largestCount else {
      throw InputError(
        file: file, field: "count", found: "\(count)", expected: "at most \(SplatFile.largestCount)"
      )
    }
    let wanted = rows ?? 0..<count
    guard wanted.upperBound <= count else {
      throw InputError(
        file: file, field: "count", found: "\(count)",
        expected: "at least \(wanted.upperBound), which are asked for")
    }
    let content = try SOGContent(self, fields, count: count)
    var report = SplatImportReport(container: "SOG 2")
    report.antialiased = fields["antialias"] == .bool(true)
    var sink = SplatRowSink(shDegree: content.shDegree, report: report)
    content.decode(wanted, into: &sink)
    return sink.finish()
  }

}

// MARK: - Content

/// The pictures and lists of a SOG, checked against each other.
private struct SOGContent {
  let shDegree: Int
  private let meansLow: [UInt8]
  private let meansHigh: [UInt8]
  private let least: SIMD3<Float>
  private let largest: SIMD3<Float>
  private let scales: [UInt8]
  private let scaleList: [Float]
  private let quats: [UInt8]
  private let sh0: [UInt8]
  private let sh0List: [Float]
  private var labels: [UInt8] = []
  private var centroids: [UInt8] = []
  private var centroidWidth = 0
  private var restList: [Float] = []

  /// The labels whose coefficients stand beside each other in a row of the picture.
  private static let labelsPerRow = 64

  init(_ reader: SOGReader, _ fields: JSONFields, count: Int) throws(InputError) {
    func pixels(_ part: String, _ place: Int = 0) throws(InputError) -> [UInt8] {
      let picture = try reader.picture(try fields.object(part), place)
      guard picture.samples.count >= 4 * count else {
        throw InputError(
          file: reader.file, field: part, found: "\(picture.samples.count / 4) pixels",
          expected: "\(count), one for each splat, at least")
      }
      return picture.samples
    }
    let means = try fields.object("means")
    let (mins, maxs) = (try means.numbers("mins"), try means.numbers("maxs"))
    guard mins.count == 3, maxs.count == 3, (mins + maxs).allSatisfy({ abs($0) < 60 }) else {
      throw InputError(
        file: reader.file, field: "means", found: "mins \(mins), maxs \(maxs)",
        expected: "three numbers each, logarithms below 60")
    }
    least = SIMD3(Float(mins[0]), Float(mins[1]), Float(mins[2]))
    largest = SIMD3(Float(maxs[0]), Float(maxs[1]), Float(maxs[2]))
    (meansLow, meansHigh) = (try pixels("means"), try pixels("means", 1))
    scales = try pixels("scales")
    scaleList = try reader.codebook(try fields.object("scales"))
    quats = try pixels("quats")
    sh0 = try pixels("sh0")
    sh0List = try reader.codebook(try fields.object("sh0"))
    guard fields["shN"] != nil else {
      shDegree = 0
      return
    }
    let shN = try fields.object("shN")
    let (bands, palette) = (try shN.integer("bands"), try shN.integer("count"))
    guard (1...3).contains(bands), (1...65_536).contains(palette) else {
      throw InputError(
        file: reader.file, field: "shN", found: "\(bands) bands, \(palette) labels",
        expected: "1 to 3 bands, 1 to 65536 labels")
    }
    shDegree = bands
    restList = try reader.codebook(shN)
    let picture = try reader.picture(shN, 0)
    let width = Self.labelsPerRow * ((bands + 1) * (bands + 1) - 1)
    let rows = (palette + Self.labelsPerRow - 1) / Self.labelsPerRow
    guard picture.width == width, picture.samples.count >= 4 * width * rows else {
      throw InputError(
        file: reader.file, field: "shN.files", found: "a picture \(picture.width) pixels wide",
        expected: "\(width) x \(rows) for \(palette) labels of \(bands) bands")
    }
    (centroids, centroidWidth) = (picture.samples, width)
    labels = try pixels("shN", 1)
    for index in 0..<count where label(index) >= palette {
      throw InputError(
        file: reader.file, field: "shN: label of splat \(index)", found: "\(label(index))",
        expected: "less than \(palette)")
    }
  }

  private func label(_ index: Int) -> Int {
    Int(labels[4 * index]) | Int(labels[4 * index + 1]) << 8
  }

  func decode(_ rows: Range<Int>, into sink: inout SplatRowSink) {
    let logits = byteLogits()
    let restCount = (shDegree + 1) * (shDegree + 1) - 1
    unsafe sink.append(count: rows.count) { row, fixed, rest in
      let index = rows.lowerBound + row
      for axis in 0..<3 {
        let at = 4 * index + axis
        let share = Float(Int(meansLow[at]) | Int(meansHigh[at]) << 8) / 65_535
        let stored = least[axis] + share * (largest[axis] - least[axis])
        unsafe fixed[axis] = stored < 0 ? 1 - exp(-stored) : exp(stored) - 1
        unsafe fixed[3 + axis] = sh0List[Int(sh0[at])]
        unsafe fixed[7 + axis] = scaleList[Int(scales[at])]
      }
      unsafe fixed[SplatRowSink.opacityIndex] = logits[Int(sh0[4 * index + 3])]
      let parts = rotation(index)
      for part in 0..<4 { unsafe fixed[10 + part] = parts[part] }
      guard restCount > 0 else { return }
      let label = label(index)
      let start =
        (label / Self.labelsPerRow * centroidWidth + label % Self.labelsPerRow * restCount) * 4
      for coefficient in 0..<restCount {
        for channel in 0..<3 {
          let place = Int(centroids[start + 4 * coefficient + channel])
          unsafe rest[3 * coefficient + channel] = restList[place]
        }
      }
    }
  }

  /// A rotation w x y z; not a number, which the sink repairs, where no part is named.
  private func rotation(_ index: Int) -> SIMD4<Float> {
    let largest = Int(quats[4 * index + 3]) - 252
    guard (0...3).contains(largest) else { return .zero }
    var parts = SIMD4<Float>()
    var channel = 0
    for part in 0..<4 where part != largest {
      parts[part] = (Float(quats[4 * index + channel]) / 255 - 0.5) * Float(2).squareRoot()
      channel += 1
    }
    parts[largest] = max(0, 1 - (parts * parts).sum()).squareRoot()
    return parts
  }
}

extension SOGReader {
  /// One of the pictures that a part of `meta.json` names.
  fileprivate func picture(
    _ part: JSONFields, _ place: Int
  ) throws(InputError) -> (width: Int, height: Int, samples: [UInt8]) {
    let names = try part.array("files")
    guard place < names.count, case .string(let name) = names[place] else {
      throw InputError(
        file: file, field: "\(part.path).files", found: "\(names.count) names",
        expected: "\(place + 1) at least")
    }
    return try WebP.decodeRGBA(try read(name), file: "\(file): \(name)")
  }

  /// A list of 256 numbers.
  fileprivate func codebook(_ part: JSONFields) throws(InputError) -> [Float] {
    let numbers = try part.numbers("codebook")
    guard numbers.count == 256 else {
      throw InputError(
        file: file, field: "\(part.path).codebook", found: "\(numbers.count) numbers",
        expected: "256")
    }
    return numbers.map { Float($0) }
  }
}

// MARK: - Containers

/// Reads a SOG that lies in a folder: `path` is its `meta.json`.
func readSOGFolder(
  _ path: String, rows: Range<Int>? = nil
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  let reader = SOGReader(file: path) { name throws(InputError) in
    try readFile(try inside(folder, name, file: path))
  }
  return try reader.cloud(try readFile(path), rows: rows)
}

/// Parses a SOG that is one zip.
func parseSOGArchive(
  _ bytes: [UInt8], file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  var members: [String: [UInt8]] = [:]
  try readZipArchive(
    bytes, named: file, isWanted: { $0 == "meta.json" || $0.hasSuffix(".webp") }
  ) { (name: String, bytes: [UInt8]) in members[name] = bytes }
  func member(_ name: String) throws(InputError) -> [UInt8] {
    guard let bytes = members[name] else {
      throw InputError(
        file: file, field: "archive", found: "no \(name)", expected: "all that a SOG consists of")
    }
    return bytes
  }
  return try SOGReader(file: file, read: member).cloud(try member("meta.json"))
}

/// Reads a streamed SOG, `lod-meta.json`: the finest level of each leaf of its tree, and its
/// surroundings where it names some.
func readStreamedSOG(
  _ path: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let fields = try JSONFields(path: path)
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  var names: [String] = []
  for value in try fields.array("filenames") {
    guard case .string(let name) = value else {
      throw fields.wrong("filenames", value, "names")
    }
    names.append(name)
  }
  var parts: [(name: String, rows: Range<Int>?)] = []
  var nodes = [(node: try fields.object("tree"), depth: 0)]
  while let (node, depth) = nodes.popLast() {
    guard depth < 64 else {
      throw InputError(file: path, field: "tree", found: "a depth of 64", expected: "less")
    }
    if node["children"] != nil {
      for (place, child) in try node.array("children").enumerated().reversed() {
        nodes.append(
          (try JSONFields(file: path, path: "\(node.path).children.\(place)", child), depth + 1))
      }
      continue
    }
    let levels = try node.object("lods")
    guard let finest = levels.members.map(\.key).min(by: { (Int($0) ?? .max) < (Int($1) ?? .max) })
    else {
      throw InputError(
        file: path, field: levels.path, found: "no level", expected: "one at least")
    }
    let level = try levels.object(finest)
    let (place, offset, count) = (
      try level.integer("file"), try level.integer("offset"), try level.integer("count")
    )
    guard place < names.count, offset <= SplatFile.largestCount, count <= SplatFile.largestCount
    else {
      throw InputError(
        file: path, field: level.path, found: "file \(place), splats \(offset) and \(count) on",
        expected: "one of \(names.count) files, and fewer splats")
    }
    parts.append((names[place], offset..<offset + count))
  }
  if case .string(let surroundings)? = fields["environment"] { parts.append((surroundings, nil)) }
  return try joined(parts, folder: folder, path: path)
}

private func joined(
  _ parts: [(name: String, rows: Range<Int>?)], folder: String, path: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  var clouds: [(cloud: SplatCloud, report: SplatImportReport)] = []
  for part in parts {
    clouds.append(try readSOGFolder(try inside(folder, part.name, file: path), rows: part.rows))
  }
  var cloud = SplatCloud(shDegree: clouds.map(\.cloud.shDegree).max() ?? 0)
  var report = SplatImportReport(container: "streamed SOG")
  for part in clouds {
    cloud.append(contentsOf: part.cloud)
    report.storedCount += part.report.storedCount
    report.repairs += part.report.repairs
    report.antialiased = report.antialiased || part.report.antialiased
  }
  report.farOutliers = clouds.reduce(0) { $0 + $1.report.farOutliers }
  return (cloud, report)
}

/// The path of a file that another one names, which must lie in a folder.
private func inside(
  _ folder: String, _ name: String, file: String
) throws(InputError) -> String {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  guard !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
    throw InputError(
      file: file, field: "file name", found: name, expected: "one in the folder of the file")
  }
  return folder + "/" + name
}
