// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Yams

/// What one field of a world file says of another, which the schema cannot express.
extension SchemaValidator {
  /// The least distance between a camera and the point it looks at, metres.
  private static let leastSightLine = 1e-6
  /// How far from 1 the length of a quaternion may be: three digits are enough in a file.
  private static let quaternionTolerance = 1e-3
  /// The fields of `scene` that belong to one source only.
  private static let sceneFields = [
    "builtin": ["seed"], "points": ["table_height_metres"],
    "file": ["metres_per_unit", "position", "rotation_wxyz"],
  ]

  /// Checks a file whose fields have been checked one by one.
  mutating func checkReferences(_ root: Node) {
    let robots = root["robots"]?.sequence?.compactMap { $0["name"]?.string } ?? []
    for section in ["robots", "cameras"] { checkNames(root, section) }
    checkScene(root)
    checkRates(root)
    for (index, camera) in (root["cameras"]?.sequence ?? []).enumerated() {
      checkCamera(camera, "cameras[\(index)]", robots)
    }
    checkCatalogue(root, "objects", others: "distractors")
    checkCatalogue(root, "places", others: "decoy_places")
  }

  private mutating func checkNames(_ root: Node, _ section: String) {
    var seen: Set<String> = []
    for (index, item) in (root[section]?.sequence ?? []).enumerated() {
      guard let node = item["name"], let name = node.string else { continue }
      if !seen.insert(name).inserted {
        report(
          node, "\(section)[\(index)].name", found: "“\(name)” a second time",
          expected: "its own name")
      }
    }
  }

  private mutating func checkScene(_ root: Node) {
    guard let scene = root["scene"] else { return }
    for (source, fields) in Self.sceneFields.sorted(by: { $0.key < $1.key })
    where scene[source] == nil {
      for field in fields {
        guard let node = scene[field] else { continue }
        report(
          node, "scene.\(field)", found: "a field of `\(source)`",
          expected: "only fields of the scene's own source")
      }
    }
    if let node = scene["rotation_wxyz"] {
      let numbers = node.sequence?.compactMap(\.float) ?? []
      let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if numbers.count == 4, abs(length - 1) > Self.quaternionTolerance {
        report(
          node, "scene.rotation_wxyz", found: "a quaternion of length \(length)",
          expected: "length 1")
      }
    }
  }

  private mutating func checkRates(_ root: Node) {
    guard let node = root["time"]?["physics_rate_hz"], let rate = node.int, rate > 0,
      let control = root["time"]?["control_rate_hz"]?.int
    else { return }
    if 1_000_000_000 % rate != 0 || rate < control {
      report(
        node, "time.physics_rate_hz", found: "\(rate)",
        expected: "a divisor of 1,000,000,000, at least control_rate_hz (\(control))")
    }
  }

  private mutating func checkCamera(_ camera: Node, _ path: String, _ robots: [String]) {
    if let node = camera["body"], let body = node.string {
      let parts = body.split(separator: "/")
      if parts.count != 2 || !robots.contains(String(parts[0])) {
        report(
          node, "\(path).body", found: node.shape,
          expected: "ROBOT/BODY with a robot of this file (\(robots.joined(separator: ", ")))")
      }
    }
    for side in ["width", "height"] {
      if let node = camera[side], let size = node.int, size % 2 != 0 {
        report(node, "\(path).\(side)", found: "\(size)", expected: "an even number")
      }
    }
    if let node = camera["up"], let up = node.sequence?.compactMap(\.float), up.count == 3,
      up.allSatisfy({ $0 == 0 })
    {
      report(node, "\(path).up", found: "a vector of length 0", expected: "a direction")
    }
    if let target = camera["look_at"], let end = target.sequence?.compactMap(\.float),
      let start = camera["position"]?.sequence?.compactMap(\.float), start.count == end.count
    {
      let squares = zip(start, end).map { ($0 - $1) * ($0 - $1) }
      if squares.reduce(0, +).squareRoot() < Self.leastSightLine {
        report(
          target, "\(path).look_at", found: "the camera's own position", expected: "another point")
      }
    }
  }

  /// Checks that a section lists no thing twice, and enough of them for the fullest table.
  private mutating func checkCatalogue(_ root: Node, _ section: String, others: String) {
    var shapes: Set<String> = []
    var thingCount = 0
    for (index, entry) in (root[section]?.sequence ?? []).enumerated() {
      if let node = entry["shape"], let shape = node.string, !shapes.insert(shape).inserted {
        report(
          node, "\(section)[\(index)].shape", found: "“\(shape)” a second time",
          expected: "one entry a shape")
      }
      let colours = (entry["colours"]?.sequence ?? []).compactMap(\.string)
      thingCount += Set(colours).count
      if let node = entry["colours"], Set(colours).count < colours.count {
        report(
          node, "\(section)[\(index)].colours", found: "a colour more than once",
          expected: "each colour once")
      }
    }
    if let node = root["task"]?[others], let most = node.sequence?.compactMap(\.int).last,
      most >= thingCount
    {
      report(
        node, "task.\(others)", found: "\(most) others",
        expected: "at most \(max(0, thingCount - 1)), since `\(section)` has \(thingCount) things")
    }
  }
}
