// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Yams

/// Everything that is wrong with a world file, in the order of the file.
package struct WorldMistakes: Error, Equatable, Sendable, CustomStringConvertible {
  /// The mistakes, at least one.
  package let mistakes: [InputError]

  /// Makes the error of a list of mistakes.
  package init(mistakes: [InputError]) { self.mistakes = mistakes }

  /// One line a mistake.
  package var description: String {
    mistakes.map(\.description).joined(separator: "\n")
  }
}

/// Reads world files: YAML in, a checked `World` or all of its mistakes out.
package enum WorldReader {
  /// The largest world file that is read, bytes.
  private static let largestFile = 1 << 20

  /// Parses the text of a world file.
  ///
  /// - Parameters:
  ///   - text: The YAML.
  ///   - file: The name used in errors; paths in the file are relative to its folder.
  ///   - environment: The values that `${NAME}` in paths may take.
  /// - Returns: The checked world.
  /// - Throws: Every mistake at once, each with its line.
  package static func world(
    from text: String, file: String, environment: [String: String]
  ) throws(WorldMistakes) -> World {
    let root = try parse(text, file: file)
    var validator = SchemaValidator(file: file)
    validator.check(root, WorldSchema.root, "")
    checkReferences(root, &validator)
    guard validator.mistakes.isEmpty else {
      throw WorldMistakes(mistakes: validator.mistakes.sorted(by: lineOrder))
    }
    var decoder = WorldDecoder(file: file, environment: environment, root: root)
    let world = decoder.world(digest: SHA256.hexDigest(of: Array(text.utf8)))
    guard decoder.mistakes.isEmpty else { throw WorldMistakes(mistakes: decoder.mistakes) }
    return world
  }

  private static func parse(_ text: String, file: String) throws(WorldMistakes) -> Node {
    func mistake(_ field: String, _ found: String, _ expected: String) -> WorldMistakes {
      WorldMistakes(mistakes: [
        InputError(file: file, field: field, found: found, expected: expected)
      ])
    }
    guard text.utf8.count <= largestFile else {
      throw mistake("file", "\(text.utf8.count) bytes", "at most \(largestFile) bytes")
    }
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw mistake("line 1", "an empty file", "a world")
      }
      return node
    } catch let error as YamlError {
      let line: Int? =
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
          mark.line
        default: nil
        }
      let summary = "\(error)".split(separator: "\n").first { $0.contains("error") }
      throw mistake(
        "line \(line ?? 1)", summary.map(String.init) ?? "broken YAML", "a YAML document")
    } catch let error as WorldMistakes {
      throw error
    } catch {
      throw mistake("file", "\(error)", "a YAML document")
    }
  }

  /// Checks what one field says of another: names used twice, cameras on unknown robots.
  private static func checkReferences(_ root: Node, _ validator: inout SchemaValidator) {
    let robots = root["robots"]?.sequence?.compactMap { $0["name"]?.string } ?? []
    for section in ["robots", "cameras"] {
      var seen: Set<String> = []
      for (index, item) in (root[section]?.sequence ?? []).enumerated() {
        guard let node = item["name"], let name = node.string else { continue }
        let path = "\(section)[\(index)].name"
        if !seen.insert(name).inserted {
          validator.report(node, path, found: "“\(name)” a second time", expected: "its own name")
        }
        if name.contains(where: { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "_") }) {
          validator.report(
            node, path, found: "“\(name)”", expected: "ASCII letters, digits and underscores")
        }
      }
    }
    checkRates(root, &validator)
    for (index, camera) in (root["cameras"]?.sequence ?? []).enumerated() {
      checkCamera(camera, "cameras[\(index)]", robots, &validator)
    }
  }

  private static func checkRates(_ root: Node, _ validator: inout SchemaValidator) {
    guard let node = root["time"]?["physics_rate_hz"], let rate = node.int, rate > 0,
      let control = root["time"]?["control_rate_hz"]?.int
    else { return }
    if 1_000_000_000 % rate != 0 || rate < control {
      validator.report(
        node, "time.physics_rate_hz", found: "\(rate)",
        expected: "a divisor of 1,000,000,000, at least control_rate_hz (\(control))")
    }
  }

  private static func checkCamera(
    _ camera: Node, _ path: String, _ robots: [String], _ validator: inout SchemaValidator
  ) {
    if let node = camera["body"], let body = node.string {
      let parts = body.split(separator: "/")
      if parts.count != 2 || !robots.contains(String(parts[0])) {
        validator.report(
          node, "\(path).body", found: "“\(body)”",
          expected: "ROBOT/BODY with a robot of this file (\(robots.joined(separator: ", ")))")
      }
    }
    for side in ["width", "height"] {
      if let node = camera[side], let size = node.int, size % 2 != 0 {
        validator.report(node, "\(path).\(side)", found: "\(size)", expected: "an even number")
      }
    }
    if let position = camera["position"], let target = camera["look_at"],
      position.sequence?.map(\.float) == target.sequence?.map(\.float)
    {
      validator.report(
        target, "\(path).look_at", found: "the camera's own position", expected: "another point")
    }
  }

  private static func lineOrder(_ a: InputError, _ b: InputError) -> Bool {
    func line(_ error: InputError) -> Int {
      Int(error.field.dropFirst("line ".count).prefix { $0.isNumber }) ?? 0
    }
    return line(a) < line(b)
  }
}
