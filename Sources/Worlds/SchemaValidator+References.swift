// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Yams

/// What one field of a world file says of another, which the schema cannot express.
extension SchemaValidator {
  /// The least distance between a camera and the point it looks at, metres.
  private static let leastSightLine = 1e-6
  /// How far from 1 the length of a quaternion may be: three digits are enough in a file.
  private static let quaternionTolerance = 1e-3

  /// Checks a file whose fields have been checked one by one.
  mutating func checkReferences(_ root: Node) {
    let robots = items(root["robots"]).compactMap { $0["name"]?.text }
    for section in ["robots", "cameras"] { checkNames(root, section) }
    checkScene(root)
    checkRates(root)
    for (index, camera) in items(root["cameras"]).enumerated() {
      checkCamera(camera, "cameras[\(index)]", robots)
    }
    checkCatalogue(root, "objects", others: "distractors")
    checkCatalogue(root, "places", others: "decoy_places")
  }

  private mutating func checkNames(_ root: Node, _ section: String) {
    var seen: Set<String> = []
    for (index, item) in items(root[section]).enumerated() {
      guard let node = item["name"], let name = node.text else { continue }
      if !seen.insert(name).inserted {
        report(
          node, "\(section)[\(index)].name", found: "“\(name)” a second time",
          expected: "its own name")
      }
    }
  }

  private mutating func checkScene(_ root: Node) {
    guard let node = root["scene"]?["rotation_wxyz"] else { return }
    let numbers = items(node).compactMap(\.number)
    let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if numbers.count == 4, abs(length - 1) > Self.quaternionTolerance {
      report(
        node, "scene.rotation_wxyz", found: "a quaternion of length \(length)",
        expected: "length 1")
    }
  }

  private mutating func checkRates(_ root: Node) {
    guard let node = root["time"]?["physics_rate_hz"], let rate = node.whole, rate > 0,
      let control = root["time"]?["control_rate_hz"]?.whole
    else { return }
    if 1_000_000_000 % rate != 0 || rate < control {
      report(
        node, "time.physics_rate_hz", found: "\(rate)",
        expected: "a divisor of 1,000,000,000, at least control_rate_hz (\(control))")
    }
  }

  private mutating func checkCamera(_ camera: Node, _ path: String, _ robots: [String]) {
    if let node = camera["body"], let body = node.text {
      let parts = body.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count != 2 || parts[1].isEmpty || !robots.contains(String(parts[0])) {
        report(
          node, "\(path).body", found: node.shape,
          expected: "ROBOT/BODY with a robot of this file (\(robots.joined(separator: ", ")))")
      }
    }
    if let node = camera["up"], items(node).compactMap(\.number) == [0, 0, 0] {
      report(node, "\(path).up", found: "a vector of length 0", expected: "a direction")
    }
    let start = items(camera["position"]).compactMap(\.number)
    if let target = camera["look_at"], start.count == 3,
      case let end = items(target).compactMap(\.number), end.count == 3
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
    for (index, entry) in items(root[section]).enumerated() {
      if let node = entry["shape"], let shape = node.text, !shapes.insert(shape).inserted {
        report(
          node, "\(section)[\(index)].shape", found: "“\(shape)” a second time",
          expected: "one entry a shape")
      }
      thingCount += Set(items(entry["colours"]).compactMap(\.text)).count
    }
    if let node = root["task"]?[others], let most = items(node).compactMap(\.whole).last,
      most >= thingCount
    {
      report(
        node, "task.\(others)", found: "\(most) others",
        expected: "at most \(max(0, thingCount - 1)), since `\(section)` has \(thingCount) things")
    }
  }

  /// The items of a list, or none; at most as many as the longest list of the format has, since
  /// aliases make long lists of long lists out of short files.
  private func items(_ node: Node?) -> [Node] { (node?.sequence?.prefix(64)).map(Array.init) ?? [] }
}
