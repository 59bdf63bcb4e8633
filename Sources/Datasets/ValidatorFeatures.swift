// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

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
  /// The names of the dimensions, or of the axes; null when they have none.
  let names: JSONValue
  /// The value of `info`; null when there is none.
  let details: JSONValue

  /// No frame has as many values, so that sums and products of their numbers cannot overflow.
  static let greatestWidth = 1 << 30

  /// The number of values a frame, cut off at the greatest.
  var width: Int { shape.reduce(1) { min($0 * $1, Self.greatestWidth) } }

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

  /// True for features whose frames are images.
  var isImage: Bool { type == "image" || type == "video" }

  /// The shape of one frame's statistics: for images, one number a channel.
  var statisticsShape: [Int] { imageSize.map { [$0.channels, 1, 1] } ?? shape }

  /// The number of names, of dimensions or axes, where there are any.
  var nameCount: Int? {
    switch names {
    case .array(let names): names.count
    // LeRobot's first robots gave their motors as lists under the name of a group.
    case .object(let groups):
      groups.reduce(0) { sum, group in
        guard case .array(let names) = group.value else { return sum + 1 }
        return sum + names.count
      }
    default: nil
    }
  }
}

extension DatasetValidator {
  /// Reads `features`, and checks what each says against itself.
  mutating func readFeatures(_ fields: JSONFields) {
    guard let features = attempt({ () throws(InputError) in try fields.object("features") })
    else { return }
    information.description = fields["features"] ?? .null
    for member in features.members {
      let feature = attempt { () throws(InputError) in
        try ListedFeature(name: member.key, try features.object(member.key))
      }
      if let feature, isSound(feature) { information.features.append(feature) }
    }
    for column in DefaultColumn.allCases {
      let found = information.features.first { $0.name == column.rawValue }
      expect(
        DatasetPath.information, "features.\(column.rawValue)",
        found.map { "\($0.type) \($0.shape)" } ?? "no such feature",
        equals: "\(column.typeName) [1]")
    }
  }

  /// Records what is wrong with a feature; false when its frames cannot be judged.
  private mutating func isSound(_ feature: ListedFeature) -> Bool {
    let (file, field) = (DatasetPath.information, "features.\(feature.name)")
    let isShape =
      !feature.shape.isEmpty && feature.shape.allSatisfy { (1...65_536).contains($0) }
      && feature.width < ListedFeature.greatestWidth
    guard isShape, !feature.isImage || feature.imageSize != nil else {
      report(
        file, field + ".shape", found: "\(feature.shape)",
        expected: feature.isImage
          ? "height, width and channels" : "extents in 1...65536, not too many together")
      return false
    }
    if feature.name.contains("/") {
      report(file, field, found: "a slash", expected: "a name without")
    }
    // A vector names its dimensions, everything else its axes.
    let count = feature.shape.count == 1 ? feature.shape[0] : feature.shape.count
    if let found = feature.nameCount, found != count {
      report(
        file, field + ".names", found: "\(found) names",
        expected: "\(count) for the shape \(feature.shape)")
    }
    // Depth in a PNG is whole millimetres to every reader.
    if feature.type == "image", feature.isDepth, let unit = feature.details["depth_unit"],
      unit != "mm"
    {
      report(file, field + ".info.depth_unit", found: unit.compactText, expected: "\"mm\"")
    }
    return true
  }
}

extension ListedFeature {
  /// Reads an entry of `features`.
  init(name: String, _ entry: JSONFields) throws(InputError) {
    self.name = name
    type = try entry.string("dtype")
    shape = try entry.integers("shape")
    names = entry["names"] ?? .null
    details = entry["info"] ?? .null
    imageSize = ["image", "video"].contains(type) ? Self.imageSize(shape, names: names) : nil
    isDepth =
      details["is_depth_map"] == .bool(true) || details["video.is_depth_map"] == .bool(true)
  }

  /// Reads an image's extents in the order that the names give, by default rows first.
  private static func imageSize(
    _ shape: [Int], names: JSONValue
  ) -> (height: Int, width: Int, channels: Int)? {
    guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else { return nil }
    guard case .array(let names) = names, names.count == 3,
      let row = names.firstIndex(of: "height"), let column = names.firstIndex(of: "width")
    else { return (shape[0], shape[1], shape[2]) }
    return (shape[row], shape[column], shape[3 - row - column])
  }
}
