// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images
import Testing

@testable import Datasets

/// The files of the sample dataset, written once by the writer.
private let sample = Result {
  try withNewFolder { folder in
    try SampleRun.write(folder, episodeCount: 3)
    return try contents(of: folder)
  }
}

/// Puts the sample dataset into a folder, plants a fault and validates it.
private func findings(
  sealed: Bool = true, decodingPixels: Bool = false, _ plant: (String) throws -> Void
) throws -> [InputError] {
  try withNewFolder { folder in
    for (path, bytes) in try sample.get() {
      let file = URL(fileURLWithPath: folder + "/" + path)
      try createFolder(file.deletingLastPathComponent().path)
      try Data(bytes).write(to: file)
    }
    try plant(folder)
    // The checksums follow the fault, so that it is found for itself.
    if sealed { try seal(folder) }
    return DatasetValidator.validate(folder, decodingPixels: decodingPixels).findings
  }
}

/// Writes the manifest anew.
private func seal(_ folder: String) throws {
  var text = ""
  for file in try listFiles(under: folder) where file != DatasetPath.manifest {
    text += try SHA256.hexDigest(ofFile: folder + "/" + file) + "  " + file + "\n"
  }
  try publishFile(folder + "/" + DatasetPath.manifest, Array(text.utf8))
}

/// Replaces a text in a file, which must hold it.
private func replace(_ old: String, by new: String, in path: String) throws {
  let text = String(decoding: try readFile(path), as: UTF8.self)
  try #require(text.contains(old))
  try publishFile(path, Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
}

/// Writes a Parquet file again, in one row group, with some of its leaf columns changed.
private func rewrite(
  _ path: String, keyValues: [(key: String, value: String)]? = nil,
  _ change: (_ name: String, _ column: inout ParquetColumn) throws -> Void
) throws {
  let reader = try ParquetReader(path: path)
  var fields: [ParquetField] = []
  var columns: [ParquetColumn] = []
  for (index, leaf) in reader.leaves.enumerated() {
    var column = try reader.column(leaf: index)
    try change(leaf.path.joined(separator: "."), &column)
    columns.append(column)
    guard leaf.path.last != "path" else { continue }
    if leaf.path.last == "bytes" {
      let group = [
        ParquetField("bytes", .leaf(.binary)), ParquetField("path", .leaf(.string)),
      ]
      fields.append(ParquetField(leaf.path[0], .group(group)))
    } else {
      let node = (0..<leaf.listDepth).reduce(ParquetNode.leaf(column.values.type)) { node, _ in
        .list(node)
      }
      fields.append(ParquetField(leaf.path[0], node))
    }
  }
  let group = ParquetRowGroup(fields: fields, columns: columns)
  var writer = ParquetWriter(fields: fields, keyValues: keyValues ?? reader.keyValues)
  try publishFile(path, writer.header + writer.append(group) + writer.finish())
}

/// Changes one whole number of a Parquet column.
private func set(
  _ name: String, row: Int, to value: Int64, in path: String
) throws {
  try rewrite(path) { found, column in
    guard found == name, case .int64(var values) = column.values else { return }
    values[row] = value
    column.values = .int64(values)
  }
}

private let dataFile = DatasetPath.data(chunk: 0, file: 0)
private let episodeFile = DatasetPath.episodes(chunk: 0, file: 0)
private let cameraFile = DatasetPath.video("observation.images.front", chunk: 0, file: 0)

@Suite struct `A validator of datasets` {
  @Test func `finds nothing wrong with what the writer wrote, and looks at all of it`() throws {
    try withNewFolder { folder in
      try SampleRun.write(folder, episodeCount: 3)
      let result = DatasetValidator.validate(folder, decodingPixels: true)
      #expect(result.findings == [])
      #expect(result.episodeCount == 3)
      #expect(result.frameCount == 12)
      #expect(result.videoFrameCount == 12)
      // 12 frames of video, of depth and of labels.
      #expect(result.decodedCount == 36)
    }
  }

  @Test func `finds nothing wrong after a file was rewritten unchanged`() throws {
    // The faults below are planted by this rewriting, which must not be one itself.
    #expect(
      try findings {
        try rewrite($0 + "/" + dataFile) { _, _ in }
        try rewrite($0 + "/" + episodeFile) { _, _ in }
      } == [])
  }

  @Test func `finds wrong totals`() throws {
    for (old, new) in [
      ("\"total_frames\": 12", "\"total_frames\": 13"),
      ("\"total_episodes\": 3", "\"total_episodes\": 4"),
      ("\"total_tasks\": 2", "\"total_tasks\": 1"),
    ] {
      let found = try findings { try replace(old, by: new, in: $0 + "/meta/info.json") }
      #expect(found.count == 1, "\(found)")
      #expect(found.first?.found == (new.contains("tasks") ? "2" : String(new.suffix(2)).trimmed))
    }
  }

  @Test func `finds a split beyond the last episode`() throws {
    let found = try findings {
      try replace("\"train\": \"0:3\"", by: "\"train\": \"0:5\"", in: $0 + "/meta/info.json")
    }
    #expect(found.map(\.field) == ["splits.train"])
  }

  @Test func `finds a feature of another type or shape`() throws {
    let found = try findings {
      try replace("\"dtype\": \"int64\"", by: "\"dtype\": \"int32\"", in: $0 + "/meta/info.json")
    }
    #expect(found.contains { $0.file == dataFile && $0.field == "phase" }, "\(found)")
  }

  @Test(arguments: ["index", "episode_index", "frame_index", "task_index"])
  func `finds a gap in a column of indices`(name: String) throws {
    let found = try findings { try set(name, row: 8, to: 77, in: $0 + "/" + dataFile) }
    let finding = try #require(found.first)
    #expect(finding.file == dataFile)
    #expect(finding.field == "\(name), row 8")
    #expect(finding.found == "77")
  }

  @Test func `finds a time that is off by the last bit`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + dataFile) { name, column in
        guard name == "timestamp", case .float(var values) = column.values else { return }
        values[5] = values[5].nextUp
        column.values = .float(values)
      }
    }
    #expect(found.map(\.field) == ["timestamp, row 5"])
  }

  @Test func `finds a number that is none`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + dataFile) { name, column in
        guard name.hasPrefix("observation.state"), case .float(var values) = column.values
        else { return }
        values[7] = .nan
        values[9] = .infinity
        column.values = .float(values)
      }
    }
    // Row 3 holds values 6 and 7 of a vector of two.
    #expect(found.map(\.field) == ["observation.state[1], row 3 and 1 more"])
    #expect(found.map(\.found) == ["nan"])
  }

  @Test func `finds a missing, a truncated and a wrong video`() throws {
    let missing = try findings { try removeItem($0 + "/" + cameraFile) }
    #expect(missing.map(\.file) == [cameraFile])
    let truncated = try findings { folder in
      let bytes = try readFile(folder + "/" + cameraFile)
      try publishFile(folder + "/" + cameraFile, Array(bytes.dropLast(100)))
    }
    #expect(truncated.map(\.file) == [cameraFile])
    let short = try findings(decodingPixels: true) { folder in
      var encoder = try VideoEncoder(width: 32, height: 16, fpsNumerator: 20)
      for _ in 0..<11 { try encoder.append(RGBImage(width: 32, height: 16)) }
      try mux([try encoder.finish()], to: folder + "/" + cameraFile)
    }
    let fields = short.filter { $0.file == cameraFile }.map(\.field)
    #expect(fields == ["frames", "time of frame 1"], "\(short)")
    #expect(short.contains { $0.field.hasPrefix("observation.images.front.mean") }, "\(short)")
  }

  @Test func `finds an episode's place in its video that is a frame off`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + episodeFile) { name, column in
        guard name.hasSuffix("/from_timestamp"), case .double(var values) = column.values
        else { return }
        values[2] += 0.1
        column.values = .double(values)
      }
    }
    #expect(found.map(\.field) == ["videos/observation.images.front/from_timestamp, row 2"])
  }

  @Test func `finds episodes that do not follow each other`() throws {
    let found = try findings {
      try set("dataset_from_index", row: 1, to: 2, in: $0 + "/" + episodeFile)
    }
    #expect(found.contains { $0.field == "dataset_from_index, row 1" }, "\(found)")
    let hole = try findings { try set("episode_index", row: 2, to: 3, in: $0 + "/" + episodeFile) }
    #expect(hole.first?.field == "episode_index, row 2")
  }

  @Test func `finds statistics that are not those of the rows and pixels`() throws {
    for (feature, name, value) in [
      ("observation.state", "std", JSONValue.array([.number(2), .number(3)])),
      ("index", "q50", [.number(5.001)]),
      ("action", "max", [.number(3.001)]), ("phase", "count", [11]),
      ("observation.images.front_depth", "mean", [[[2600]]]),
      (
        "observation.images.front", "mean",
        [[[.number(0.5)]], [[.number(0.386)]], [[.number(0.157)]]]
      ),
    ] {
      let isImage = feature.hasPrefix("observation.images")
      let found = try findings(decodingPixels: isImage) { folder in
        let path = folder + "/meta/stats.json"
        var document = try JSONValue(file: path, bytes: try readFile(path))
        try document.set([feature, name], to: value)
        try publishFile(path, Array(document.indentedText.utf8))
      }
      #expect(found.map(\.file) == ["meta/stats.json"])
      #expect(found.first?.field.hasPrefix("\(feature).\(name)") == true, "\(found)")
    }
  }

  @Test func `finds statistics of an episode that are those of another`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + episodeFile) { name, column in
        guard name.hasPrefix("stats/action/q90"), case .double(var values) = column.values
        else { return }
        values.swapAt(0, 2)
        column.values = .double(values)
      }
    }
    #expect(found.map(\.field) == ["stats/action/q90[0], row 0 and 1 more"])
  }

  @Test func `finds instructions without the footer that names their column`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + DatasetPath.tasks, keyValues: []) { _, _ in }
    }
    #expect(found.map(\.field) == ["pandas footer"])
  }

  @Test func `finds an image of another size or depth, and a damaged one`() throws {
    let found = try findings(decodingPixels: true) { folder in
      try rewrite(folder + "/" + dataFile) { name, column in
        guard name.hasSuffix("bytes"), case .binary(var values) = column.values else { return }
        if name.contains("depth") {
          values[4] = PNG.encode(depthMetres: ScalarImage(width: 8, height: 16, fill: 1))
          values[5] = PNG.encode(LabelImage(width: 32, height: 16), bits: .eight)
        } else {
          values[6].removeLast(20)
        }
        column.values = .binary(values)
      }
    }
    let fields = found.map(\.field)
    #expect(fields.contains("observation.images.front_depth, row 4 and 1 more"), "\(found)")
    #expect(found.contains { $0.file.contains("front_labels, row 6") }, "\(found)")
  }

  @Test func `finds an episode that is there twice`() throws {
    try withNewFolder { folder in
      let run = SampleRun.run(episodeCount: 2)
      let staging = try EpisodeStaging.create(output: folder, run: run)
      var record = try SampleRun.episode(0)
      try staging.publish(record)
      record.index = 1
      try staging.publish(record)
      _ = try staging.assemble(episodeCount: 2)
      let found = DatasetValidator.validate(folder).findings
      #expect(found.map(\.found) == ["the frames of episode 0"])
    }
  }

  @Test func `finds files that the manifest does not describe`() throws {
    let found = try findings(sealed: false) { folder in
      try publishFile(folder + "/notes.txt", Array("hello".utf8))
      try replace(
        "\"world\": \"sample\"", by: "\"world\": \"other\"", in: folder + "/meta/diorama.json")
    }
    #expect(found.map(\.file).sorted() == ["meta/diorama.json", "notes.txt"])
    let unsealed = try findings(sealed: false) { try removeItem($0 + "/MANIFEST.sha256") }
    #expect(unsealed.map(\.file) == ["MANIFEST.sha256"])
  }

  @Test func `says of a folder that is none or empty that it has no description`() throws {
    let missing = DatasetValidator.validate("/nowhere/at/all")
    #expect(missing.findings.map(\.file) == ["meta/info.json"])
  }

  @Test(.enabled(if: RealFiles.isPresent(RealFiles.reachy)))
  func `finds the mistakes of a dataset cut from a longer one, and only those`() {
    let result = DatasetValidator.validate(RealFiles.reachy)
    #expect((result.episodeCount, result.frameCount) == (3, 899))
    // Three of fifty episodes were kept, their videos not; the totals stayed those of before. The
    // means were added up in single precision, which shows where a joint hardly moved.
    let fields = result.findings.map { "\($0.file): \($0.field)" }
    #expect(
      fields.prefix(3) == [
        "meta/info.json: splits.train", "meta/info.json: total_frames",
        "videos/observation.image/chunk-000/file-000.mp4: file",
      ])
    #expect(fields.dropFirst(3) == [], "\(result.findings)")
  }

  @Test func `survives any damaged byte`() throws {
    var random = RepeatableNumbers(state: 5)
    for path in [dataFile, episodeFile, DatasetPath.tasks, DatasetPath.information, cameraFile] {
      for _ in 0..<4 {
        let found = try findings(sealed: false) { folder in
          var bytes = try readFile(folder + "/" + path)
          bytes[random.next(below: bytes.count)] ^= UInt8(1 << random.next(below: 8))
          try publishFile(folder + "/" + path, bytes)
        }
        #expect(!found.isEmpty)
      }
    }
  }

  @Test func `survives impossible numbers`() throws {
    let found = try findings {
      try set("dataset_to_index", row: 2, to: .max, in: $0 + "/" + episodeFile)
    }
    #expect(!found.isEmpty)
    let far = try findings {
      try set("dataset_to_index", row: 2, to: 1 << 39, in: $0 + "/" + episodeFile)
    }
    #expect(far.contains { $0.field == "dataset_to_index, row 2" }, "\(far)")
  }
}

/// Numbers that are the same in every run (Knuth's 64-bit linear congruence).
private struct RepeatableNumbers {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

extension JSONValue {
  /// Replaces the value at the end of a path of keys.
  fileprivate mutating func set(_ path: [String], to value: JSONValue) throws {
    guard let key = path.first else {
      self = value
      return
    }
    guard case .object(var members) = self else { return }
    let index = try #require(members.firstIndex { $0.key == key })
    try members[index].value.set(Array(path.dropFirst()), to: value)
    self = .object(members)
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
