// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images
import Testing

@testable import Datasets

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

  @Test func `finds a feature of another type or shape`() throws {
    let found = try findings {
      try replace("\"dtype\": \"int64\"", by: "\"dtype\": \"int32\"", in: $0 + "/meta/info.json")
    }
    #expect(found.contains { $0.file == dataFile && $0.field == "phase" }, "\(found)")
  }

  @Test(arguments: ["index", "episode_index", "frame_index", "task_index"])
  func `finds a gap in a column of indices`(name: String) throws {
    let found = try findings { try setInteger(name, row: 8, to: 77, in: $0 + "/" + dataFile) }
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
      try setInteger("dataset_from_index", row: 1, to: 2, in: $0 + "/" + episodeFile)
    }
    #expect(found.contains { $0.field == "dataset_from_index, row 1" }, "\(found)")
    let hole = try findings {
      try setInteger("episode_index", row: 2, to: 3, in: $0 + "/" + episodeFile)
    }
    #expect(hole.first?.field == "episode_index, row 2")
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

  @Test func `finds any damaged byte by the manifest, and survives it without`() throws {
    var random = RepeatableNumbers(state: 5)
    var foundByContent = 0
    let paths = [dataFile, episodeFile, DatasetPath.tasks, DatasetPath.information, cameraFile]
    for path in paths {
      for _ in 0..<4 {
        let (place, bit) = (random.next(below: 1 << 30), random.next(below: 8))
        func damage(_ folder: String) throws {
          var bytes = try readFile(folder + "/" + path)
          bytes[place % bytes.count] ^= UInt8(1 << bit)
          try put(bytes, at: folder + "/" + path)
        }
        let found = try findings(sealed: false, damage)
        #expect(found.contains { $0.file == path && $0.field == "sha256" }, "\(found)")
        // Not every byte says something: a picture hides some, and no reader looks at others.
        if try !findings(decodingPixels: true, damage).isEmpty { foundByContent += 1 }
      }
    }
    #expect(foundByContent > 0)
  }

  @Test func `survives impossible numbers`() throws {
    let found = try findings {
      try setInteger("dataset_to_index", row: 2, to: .max, in: $0 + "/" + episodeFile)
    }
    #expect(!found.isEmpty)
    let far = try findings {
      try setInteger("dataset_to_index", row: 2, to: 1 << 39, in: $0 + "/" + episodeFile)
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

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
