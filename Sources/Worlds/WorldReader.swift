// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Yams

/// Everything that is wrong with a world file, in the order of the file.
package struct WorldMistakes: Error, Equatable, Sendable, CustomStringConvertible {
  /// The mistakes, at least one.
  package let mistakes: [InputError]

  /// Makes the error of a list of mistakes, which it puts in the order of their lines.
  package init(mistakes: [InputError]) {
    func line(_ error: InputError) -> Int { FieldLines.line(of: error) ?? 0 }
    self.mistakes = mistakes.enumerated()
      .sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }
      .map(\.element)
  }

  /// One line a mistake.
  package var description: String {
    mistakes.map(\.description).joined(separator: "\n")
  }
}

/// Reads world files: YAML in, a checked `World` or all of its mistakes out.
package enum WorldReader {
  /// The largest world file that is read, bytes.
  private static let largestFile = 1 << 20
  /// How many repeated keys are reported before reading is given up.
  private static let mostRepeatedKeys = 100

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
    var validator = SchemaValidator(file: file, environment: environment)
    validator.check(root, WorldSchema.root, "")
    validator.checkReferences(root)
    guard validator.mistakes.isEmpty else { throw WorldMistakes(mistakes: validator.mistakes) }
    let ownFolder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    let decoder = WorldDecoder(
      file: file, folder: folder.map { $0 + "/" } ?? ownFolder, environment: environment,
      root: root)
    return decoder.world(text: text)
  }

  /// Reads the tree of the YAML; repeated keys carry the marks of `RepeatedKeys`.
  private static func parse(_ text: String, file: String) throws(WorldMistakes) -> Node {
    var mistakes: [InputError] = []
    func fail(_ field: String, _ found: String, _ expected: String) -> WorldMistakes {
      WorldMistakes(
        mistakes: mistakes + [
          InputError(file: file, field: field, found: found, expected: expected)
        ])
    }
    guard text.utf8.count <= largestFile else {
      throw fail("file", "\(text.utf8.count) bytes", "at most \(largestFile) bytes")
    }
    var readable = text
    while true {
      do {
        guard let root = try Yams.compose(yaml: readable, .core) else {
          throw fail("line 1", "an empty file", "a world")
        }
        return root
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let line = context.mark.line
        let again = fail("line \(line)", "“\(keys[0])” more than once", "each key once")
        guard mistakes.count < mostRepeatedKeys,
          let renamed = RepeatedKeys.renaming(
            keys[0], line: line, column: context.mark.column, in: readable,
            count: mistakes.count + 1)
        else { throw again }
        mistakes = again.mistakes
        readable = renamed
      } catch let error as YamlError {
        let (line, problem) = explain(error)
        // The library counts a line more at the end of a text without a last line feed.
        let lineCount = text.split(separator: "\n", omittingEmptySubsequences: false).count
        throw fail("line \(min(line, lineCount))", problem, "a YAML document")
      } catch let error as WorldMistakes {
        throw error
      } catch {
        throw fail("file", "\(error)", "a YAML document")
      }
    }
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
    default:
      return (1, "broken YAML (\(error))")
    }
  }
}
