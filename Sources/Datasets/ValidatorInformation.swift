// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// What `meta/info.json` says, as far as it could be read.
struct ListedInformation {
  var fps = 0
  var episodeCount = 0
  var frameCount = 0
  var taskCount = 0
  var dataPattern = ""
  var videoPattern = ""
  var features: [ListedFeature] = []
}

/// One entry of `features`.
struct ListedFeature {
  let name: String
  /// A numpy type, or `video`, `image`, `string`.
  let type: String
  /// The extents of one frame.
  let shape: [Int]
  /// The image size that the shape means; nil for other features.
  let imageSize: (height: Int, width: Int, channels: Int)?
  let isDepth: Bool

  /// The number of values a frame.
  var width: Int { shape.reduce(1) { min($0 * $1, 1 << 30) } }

  /// The type of the column; nil when the feature is a video or a type that is not checked.
  var columnType: ParquetType? {
    switch type {
    case "float32": .float
    case "float64": .double
    case "int64": .int64
    case "int32": .int32
    case "bool": .bool
    case "string": .string
    default: nil
    }
  }

  /// The kinds of feature whose frames are images.
  static let imageTypes = ["image", "video"]
}

extension DatasetValidator {
  /// Frames a second of no camera, so that products of times cannot overflow.
  private static let greatestRate = 1_000_000

  /// Reads `meta/info.json`; false when nothing else can be checked without it.
  mutating func readInformation() -> Bool {
    let file = DatasetPath.information
    let path = path(file)
    guard let fields = attempt({ () throws(InputError) in try JSONFields(path: path) }) else {
      return false
    }
    let count = result.findings.count
    let version = attempt { () throws(InputError) in try fields.string("codebase_version") }
    if let version { expect(file, "codebase_version", version, equals: "v3.0") }
    information.fps = read(fields, "fps", atLeast: 1)
    if information.fps > Self.greatestRate {
      report(file, "fps", found: "\(information.fps)", expected: "at most \(Self.greatestRate)")
      return false
    }
    information.episodeCount = read(fields, "total_episodes", atLeast: 1)
    information.frameCount = read(fields, "total_frames", atLeast: 1)
    information.taskCount = read(fields, "total_tasks", atLeast: 1)
    _ = read(fields, "chunks_size", atLeast: 1)
    readFeatures(fields)
    information.dataPattern =
      attempt { () throws(InputError) in try fields.string("data_path") } ?? ""
    checkPattern("data_path", information.dataPattern, ["chunk_index", "file_index"])
    if information.features.contains(where: { $0.type == "video" }) {
      information.videoPattern =
        attempt { () throws(InputError) in try fields.string("video_path") } ?? ""
      let names = ["video_key", "chunk_index", "file_index"]
      checkPattern("video_path", information.videoPattern, names)
    }
    checkSplits(fields)
    // Without a rate, paths or features the tables cannot be judged; wrong totals do no harm.
    return information.fps > 0 && !information.dataPattern.isEmpty
      && (result.findings.count == count || !information.features.isEmpty)
  }

  private mutating func read(_ fields: JSONFields, _ key: String, atLeast bound: Int) -> Int {
    attempt { () throws(InputError) in try fields.integer(key, atLeast: bound) } ?? 0
  }

  private mutating func checkPattern(_ key: String, _ pattern: String, _ names: [String]) {
    for name in names where !pattern.contains("{\(name)") {
      report(
        DatasetPath.information, key, found: pattern.isEmpty ? "nothing" : pattern,
        expected: "a pattern with {\(name)}")
    }
  }

  private mutating func readFeatures(_ fields: JSONFields) {
    guard let features = attempt({ () throws(InputError) in try fields.object("features") })
    else { return }
    for member in features.members {
      let name = member.key
      let read = attempt { () throws(InputError) -> ListedFeature in
        let entry = try features.object(name)
        let shape = try entry.integers("shape")
        let type = try entry.string("dtype")
        return ListedFeature(
          name: name, type: type, shape: shape,
          imageSize: imageSize(shape, names: entry["names"]),
          isDepth: entry["info"]?["is_depth_map"] == .bool(true)
            || entry["info"]?["video.is_depth_map"] == .bool(true))
      }
      guard let read else { continue }
      let isImage = ListedFeature.imageTypes.contains(read.type)
      let isShape = !read.shape.isEmpty && read.shape.allSatisfy { (1...65_536).contains($0) }
      if !isShape || (isImage && read.imageSize == nil) {
        report(
          DatasetPath.information, "features.\(name).shape", found: "\(read.shape)",
          expected: isImage ? "height, width and channels" : "extents in 1...65536")
        continue
      }
      information.features.append(read)
      if name.contains("/") {
        report(
          DatasetPath.information, "features.\(name)", found: "a slash", expected: "a name without")
      }
    }
    for column in DefaultColumn.allCases {
      let found = information.features.first { $0.name == column.rawValue }
      expect(
        DatasetPath.information, "features.\(column.rawValue)",
        found.map { "\($0.type) \($0.shape)" } ?? "no such feature",
        equals: "\(column.typeName) [1]")
    }
  }

  /// Ranges of episodes that exist and do not overlap.
  private mutating func checkSplits(_ fields: JSONFields) {
    guard let splits = attempt({ () throws(InputError) in try fields.object("splits") }) else {
      return
    }
    var taken = 0
    for member in splits.members {
      guard case .string(let text) = member.value else {
        report(splits.wrong(member.key, member.value, "text such as 0:10"))
        continue
      }
      let ends = text.split(separator: ":").compactMap { Int($0) }
      let isRange = ends.count == 2 && ends[0] >= taken && ends[0] <= ends[1]
      if !isRange || ends[1] > information.episodeCount {
        report(
          DatasetPath.information, "splits.\(member.key)", found: text,
          expected: "a range of its own within 0:\(information.episodeCount)")
      }
      taken = max(taken, ends.last ?? 0)
    }
  }
}

/// Reads an image's extents in the order that the names give, by default rows first.
private func imageSize(
  _ shape: [Int], names: JSONValue?
) -> (height: Int, width: Int, channels: Int)? {
  guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else { return nil }
  guard case .array(let names)? = names, names.count == 3,
    let row = names.firstIndex(of: "height"), let column = names.firstIndex(of: "width")
  else { return (shape[0], shape[1], shape[2]) }
  return (shape[row], shape[column], shape[3 - row - column])
}
