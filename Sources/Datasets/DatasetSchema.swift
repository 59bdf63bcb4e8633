// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What a dataset holds for every frame: the rate, the robot and the features.
package struct DatasetSchema: Equatable, Sendable {
  /// Frames a second, exact.
  package let fps: Int
  /// The robot's name, such as `so101`.
  package let robotType: String
  /// The features in the order of the files, without those that LeRobot always adds.
  package let features: [DatasetFeature]

  /// Makes a schema.
  package init(fps: Int, robotType: String, features: [DatasetFeature]) {
    precondition(fps > 0, "a dataset has a positive rate")
    let names = features.map(\.name)
    precondition(Set(names).count == names.count, "no feature occurs twice")
    precondition(
      Set(names).isDisjoint(with: DefaultColumn.allCases.map(\.rawValue)),
      "default features are added by the writer")
    self.fps = fps
    self.robotType = robotType
    self.features = features
  }
}

/// One thing that is recorded for every frame.
package struct DatasetFeature: Equatable, Sendable {
  /// The name, such as `observation.state` or `observation.images.front`.
  package let name: String
  /// What is recorded.
  package let kind: FeatureKind

  /// Makes a feature; LeRobot forbids slashes in names, since they become paths and columns.
  package init(_ name: String, _ kind: FeatureKind) {
    precondition(!name.isEmpty && !name.contains("/"), "a feature's name has no slash")
    self.name = name
    self.kind = kind
  }
}

/// The kinds of feature, each with what LeRobot's `info.json` must know of it.
package enum FeatureKind: Equatable, Sendable {
  /// A vector of `float32`, one name a dimension; the unit is the dimension's own.
  case vector(names: [String])
  /// One `int64`.
  case integer
  /// One truth value.
  case flag
  /// Colour frames as H.264 video.
  case video(height: Int, width: Int)
  /// Depth frames as 16-bit PNG in the data file, in millimetres, 0 for nothing hit.
  case depth(height: Int, width: Int)
  /// Instance identifiers as 8-bit PNG in the data file, 0 for background.
  case labels(height: Int, width: Int)
}

/// The features that LeRobot adds to every dataset, always last.
package enum DefaultColumn: String, CaseIterable, Sendable {
  /// Seconds since the episode's start: exactly `frame_index / fps`, as `float32`.
  case timestamp
  /// The frame's index in its episode.
  case frameIndex = "frame_index"
  /// The episode's index in the dataset.
  case episodeIndex = "episode_index"
  /// The frame's index in the dataset.
  case index
  /// The index of the episode's instruction in `meta/tasks.parquet`.
  case taskIndex = "task_index"
}

extension DatasetFeature {
  /// True for frames that stand in an MP4 file instead of the data file.
  package var isVideo: Bool {
    if case .video = kind { return true }
    return false
  }

  /// The shape of the statistics of one frame: `[width]`, or `[channels, 1, 1]` for images.
  var statisticsShape: [Int] {
    switch kind {
    case .vector(let names): [names.count]
    case .integer, .flag: [1]
    case .video: [3, 1, 1]
    case .depth, .labels: [1, 1, 1]
    }
  }

  /// The field of the data file; nil for video.
  var field: ParquetField? {
    switch kind {
    case .vector(let names) where names.count == 1: ParquetField(name, .leaf(.float))
    case .vector: ParquetField(name, .list(.leaf(.float)))
    case .integer: ParquetField(name, .leaf(.int64))
    case .flag: ParquetField(name, .leaf(.bool))
    case .video: nil
    case .depth, .labels:
      ParquetField(
        name,
        .group([ParquetField("bytes", .leaf(.binary)), ParquetField("path", .leaf(.string))]))
    }
  }

  /// The entry of `features` in `meta/info.json`.
  func description(fps: Int) -> JSONValue {
    switch kind {
    case .vector(let names):
      Self.entry("float32", [names.count], .array(names.map { .string($0) }))
    case .integer: Self.entry("int64", [1], .null)
    case .flag: Self.entry("bool", [1], .null)
    case .video(let height, let width):
      Self.entry(
        "video", [height, width, 3], Self.imageAxes,
        [
          "video.height": .integer(height), "video.width": .integer(width),
          "video.codec": "h264", "video.pix_fmt": "yuv420p", "video.is_depth_map": false,
          "video.fps": .integer(fps), "video.channels": 3, "has_audio": false,
        ])
    case .depth(let height, let width):
      Self.entry(
        "image", [height, width, 1], Self.imageAxes,
        ["is_depth_map": true, "depth_unit": "mm"])
    case .labels(let height, let width):
      Self.entry(
        "image", [height, width, 1], Self.imageAxes,
        ["is_depth_map": false, "is_label_map": true])
    }
  }

  /// The entry of `features` in the `huggingface` metadata of the data file; nil for video.
  var huggingFaceType: JSONValue? {
    switch kind {
    case .vector(let names) where names.count == 1: Self.value("float32")
    case .vector(let names):
      // Both old and new versions of `datasets` know this name; newer ones call it `List`.
      ["feature": Self.value("float32"), "length": .integer(names.count), "_type": "Sequence"]
    case .integer: Self.value("int64")
    case .flag: Self.value("bool")
    case .video: nil
    case .depth, .labels: ["_type": "Image"]
    }
  }

  private static let imageAxes: JSONValue = ["height", "width", "channels"]

  private static func value(_ type: String) -> JSONValue {
    ["dtype": .string(type), "_type": "Value"]
  }

  private static func entry(
    _ type: String, _ shape: [Int], _ names: JSONValue, _ details: JSONValue? = nil
  ) -> JSONValue {
    var members = [
      JSONMember("dtype", .string(type)),
      JSONMember("shape", .array(shape.map { .integer($0) })),
      JSONMember("names", names),
    ]
    if let details { members.append(JSONMember("info", details)) }
    return .object(members)
  }
}

extension DefaultColumn {
  /// The name of the type in `info.json`.
  var typeName: String { self == .timestamp ? "float32" : "int64" }

  /// The field of the data file.
  var field: ParquetField {
    ParquetField(rawValue, .leaf(self == .timestamp ? .float : .int64))
  }
}

extension DatasetSchema {
  /// The fields of the data file: the features, then the default columns.
  var fields: [ParquetField] {
    features.compactMap(\.field) + DefaultColumn.allCases.map(\.field)
  }

  /// The value of `features` in `meta/info.json`.
  package var description: JSONValue {
    let own = features.map { JSONMember($0.name, $0.description(fps: fps)) }
    let added = DefaultColumn.allCases.map {
      JSONMember($0.rawValue, ["dtype": .string($0.typeName), "shape": [1], "names": .null])
    }
    return .object(own + added)
  }

  /// The `huggingface` metadata of the data file, which the hub's preview reads.
  var huggingFaceText: String {
    let own = features.compactMap { feature in
      feature.huggingFaceType.map { JSONMember(feature.name, $0) }
    }
    let added = DefaultColumn.allCases.map {
      JSONMember($0.rawValue, ["dtype": .string($0.typeName), "_type": "Value"])
    }
    return (["info": ["features": .object(own + added)]] as JSONValue).compactText
  }
}
