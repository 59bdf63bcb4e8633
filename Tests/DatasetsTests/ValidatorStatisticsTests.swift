// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Images
import Testing

@testable import Datasets

private let front = "observation.images.front"

@Suite struct `False statistics` {
  private static let ofDataset = [
    PlantedValue(["observation.state", "std"], [2, 3], finding: "observation.state.std[0]"),
    PlantedValue(["index", "q50"], [.number(5.001)], finding: "index.q50[0]"),
    PlantedValue(["action", "max"], [.number(3.001)], finding: "action.max[0]"),
    PlantedValue(["phase", "count"], [11], finding: "phase.count"),
    PlantedValue(["\(front)_depth", "mean"], [[[2600]]], finding: "\(front)_depth.mean[0]"),
    PlantedValue(
      ["\(front)_labels", "q90"], [[[.number(0.015)]]], finding: "\(front)_labels.q90[0]"),
    PlantedValue(
      [front, "mean"], [[[.number(0.5)]], [[.number(0.386)]], [[.number(0.157)]]],
      finding: "\(front).mean[0]"),
  ]

  @Test(arguments: ofDataset) func `of the dataset are found`(_ planted: PlantedValue) throws {
    let isImage = planted.keys[0].hasPrefix(front)
    let found = try findings(decodingPixels: isImage) { folder in
      try setJSON(planted.keys, to: planted.value, in: folder + "/meta/stats.json")
    }
    #expect(found.map(\.file) == ["meta/stats.json"])
    #expect(found.first?.field.hasPrefix(planted.field) == true, "\(found)")
  }

  @Test func `of an episode that are those of another are found`() throws {
    let found = try findings { folder in
      try changeDoubles("stats/action/q90", in: folder + "/" + episodeFile) { $0.swapAt(0, 2) }
    }
    #expect(found.map(\.field) == ["stats/action/q90[0], row 0 and 1 more"])
  }

  @Test(arguments: [(front, 3, 0.02), ("\(front)_depth", 1, 1.0), ("\(front)_labels", 1, 0.001)])
  func `of the pixels of an episode are found`(name: String, index: Int, error: Double) throws {
    let found = try findings(decodingPixels: true) { folder in
      try changeDoubles("stats/\(name)/mean", in: folder + "/" + episodeFile) {
        $0[index] += error
      }
    }
    #expect(found.map(\.field) == ["stats/\(name)/mean[0], row 1"])
    // Without decoding, the episodes' means do not add up to that of the dataset.
    let seen = try findings { folder in
      try changeDoubles("stats/\(name)/mean", in: folder + "/" + episodeFile) {
        $0[index] += error
      }
    }
    #expect(seen.map(\.field).contains("\(name).mean[0]"), "\(seen)")
  }

  @Test func `of pictures that are not in the video are found`() throws {
    let found = try findings(decodingPixels: true) { folder in
      var videos: [EncodedVideo] = []
      for frames in [3, 4, 5] {
        var encoder = try VideoEncoder(width: 32, height: 16, fpsNumerator: 10)
        for _ in 0..<frames { try encoder.append(RGBImage(width: 32, height: 16)) }
        videos.append(try encoder.finish())
      }
      try mux(videos, to: folder + "/" + cameraFile)
    }
    #expect(found.map(\.field).contains("stats/\(front)/mean[0], row 0 and 8 more"), "\(found)")
    #expect(found.map(\.field).contains("\(front).mean[0] and 2 more"), "\(found)")
  }

  @Test(arguments: ["phase", front, "\(front)_depth"])
  func `of fewer frames than there are are found`(feature: String) throws {
    let episode = try findings { folder in
      try setInteger("stats/\(feature)/count", row: 2, to: 4, in: folder + "/" + episodeFile)
    }
    #expect(episode.map(\.field) == ["stats/\(feature)/count, row 2"])
    #expect(episode.map(\.expected) == ["5"])
    let whole = try findings { folder in
      try setJSON([feature, "count"], to: [11], in: folder + "/meta/stats.json")
    }
    #expect(whole.map(\.field) == ["\(feature).count"])
  }

  @Test func `of another shape are found`() throws {
    let flat = try findings { folder in
      let path = folder + "/meta/stats.json"
      let mean = try JSONFields(path: path).object(front).numbers("mean")
      try setJSON([front, "mean"], to: JSONValue(numbers: mean), in: path)
    }
    #expect(flat.map(\.field) == ["\(front).mean"])
    #expect(flat.map(\.found) == ["shape [3]"] && flat.map(\.expected) == ["shape [3, 1, 1]"])
    let ragged = try findings { folder in
      try setJSON(
        [front, "q50"], to: [[[0]], [[0, 0]]], in: folder + "/meta/stats.json")
    }
    #expect(ragged.map(\.found) == ["no shape"])
    let column = try findings { folder in
      try rewrite(folder + "/" + episodeFile) { name, column in
        guard name.hasPrefix("stats/\(front)/q90.") else { return }
        column.listLengths = [[3, 3, 3]]
      }
    }
    #expect(column.map(\.field) == ["stats/\(front)/q90"])
  }

  /// One number a channel.
  private static func pixel(_ red: Double, _ green: Double, _ blue: Double) -> JSONValue {
    [[[.number(red)]], [[.number(green)]], [[.number(blue)]]]
  }

  // The true numbers are 0, 0 and 0.157 for the least, 0.314, 0.78 and 0.157 for the greatest.
  private static let ofVideo = [
    PlantedValue([front, "min"], pixel(-0.1, 0, 0.157), finding: "\(front).min[0]"),
    PlantedValue([front, "max"], pixel(0.314, 1.1, 0.157), finding: "\(front).max[1]"),
    PlantedValue([front, "max"], pixel(0.314, 0.78, 0.1), finding: "\(front).max[2]"),
    PlantedValue([front, "q01"], pixel(0, 0, 0.2), finding: "\(front).q10[2]"),
    PlantedValue([front, "q10"], pixel(0.02, 0, 0.2), finding: "\(front).q50[2]"),
    PlantedValue([front, "std"], pixel(0.2, 0.22, 0), finding: "\(front).std[0]"),
  ]

  @Test(arguments: ofVideo, [false, true])
  func `of video that are out of order or range are found`(
    _ planted: PlantedValue, decodingPixels: Bool
  ) throws {
    let found = try findings(decodingPixels: decodingPixels) { folder in
      try setJSON(planted.keys, to: planted.value, in: folder + "/meta/stats.json")
    }
    #expect(found.contains { $0.field.hasPrefix(planted.field) }, "\(found)")
    #expect(Set(found.map(\.file)) == ["meta/stats.json"])
  }

  @Test(arguments: ["min", "max", "std"])
  func `of video that do not follow from the episodes are found`(name: String) throws {
    let found = try findings(decodingPixels: true) { folder in
      let path = folder + "/meta/stats.json"
      var values = try JSONFields(path: path).object(front).numbers(name)
      values[1] += name == "max" ? 0.1 : 0.001
      try setJSON([front, name], to: .array(values.map { [[.number($0)]] }), in: path)
    }
    #expect(found.map(\.field) == ["\(front).\(name)[1]"])
    #expect(found.first?.expected.hasSuffix("as of the episodes together") == true)
  }

  @Test func `of what is not there are found`() throws {
    let found = try findings { folder in
      try replace("\"phase\": {", by: "\"phases\": {", in: folder + "/meta/stats.json")
    }
    #expect(found.map(\.field) == ["phase", "phases"])
    let column = try findings { folder in
      try rename("stats/phase/q50", to: "stats/phases/q50", in: folder + "/" + episodeFile)
    }
    #expect(column.map(\.field) == ["stats/phase/q50", "stats/phases/q50"])
  }

  @Test func `are not those of a sample, or missing, in a dataset of others`() throws {
    // Without our own file a dataset is somebody's, who may look at some frames only.
    func foreign(_ plant: (String) throws -> Void) throws -> [InputError] {
      try findings(decodingPixels: true) { folder in
        try removeItem(folder + "/" + DatasetPath.provenance)
        try plant(folder)
      }
    }
    #expect(try foreign { _ in } == [])
    #expect(try foreign { try removeItem($0 + "/meta/stats.json") } == [])
    let sampled = try foreign { folder in
      for row in 0..<3 {
        try setInteger("stats/\(front)/count", row: row, to: 2, in: folder + "/" + episodeFile)
      }
      try setJSON([front, "count"], to: [6], in: folder + "/meta/stats.json")
    }
    // Two of every three to five frames do not weigh as all of them do.
    #expect(Set(sampled.map(\.file)) == ["meta/stats.json"], "\(sampled)")
    let ours = try findings { try removeItem($0 + "/meta/stats.json") }
    #expect(ours.map(\.file) == ["meta/stats.json"])
  }
}
