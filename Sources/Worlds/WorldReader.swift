// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
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
  ///   - file: The name used in errors.
  ///   - folder: Where relative paths in it begin; the file's own folder unless given.
  ///   - environment: The values that `${NAME}` in paths may take.
  /// - Returns: The checked world.
  /// - Throws: Every mistake at once, each with its line.
  package static func world(
    from text: String, file: String, folder: String? = nil, environment: [String: String]
  ) throws(WorldMistakes) -> World {
    let root = try parse(text, file: file)
    var validator = SchemaValidator(file: file)
    validator.check(root, WorldSchema.root, "")
    validator.checkReferences(root)
    guard validator.mistakes.isEmpty else {
      throw WorldMistakes(mistakes: validator.mistakes.sorted(by: lineOrder))
    }
    let ownFolder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    var decoder = WorldDecoder(
      file: file, folder: folder.map { $0 + "/" } ?? ownFolder, environment: environment,
      root: root)
    let world = decoder.world(text: text)
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
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      let (line, problem) = explain(error)
      throw mistake("line \(line)", problem, "a YAML document")
    } catch {
      throw mistake("file", "\(error)", "a YAML document")
    }
    guard let root else { throw mistake("line 1", "an empty file", "a world") }
    return root
  }

  /// Says in words what the YAML library found, and in which line.
  private static func explain(_ error: YamlError) -> (line: Int, problem: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { "\($0.text) " } ?? ""
      return (mark.line, "broken YAML (\(place)\(problem))")
    case .reader(let problem, let offset, _, let text):
      let line = 1 + text.prefix(offset ?? 0).count(where: \.isNewline)
      return (line, "broken YAML (\(problem))")
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map { "“\($0)”" }.joined(separator: ", ")
      return (context.mark.line, "\(names) more than once in the mapping")
    default:
      return (1, "broken YAML (\(error))")
    }
  }

  private static func lineOrder(_ a: InputError, _ b: InputError) -> Bool {
    func line(_ error: InputError) -> Int {
      Int(error.field.dropFirst("line ".count).prefix { $0.isNumber }) ?? 0
    }
    return line(a) < line(b)
  }
}
