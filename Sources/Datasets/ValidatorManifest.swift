// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

extension DatasetValidator {
  /// Checks every file against the manifest, which Diorama's own datasets must have.
  mutating func checkManifest() {
    let file = DatasetPath.manifest
    guard kind(ofPath: path(file)) == .file else {
      guard isOwn else { return }
      report(file, "file", found: "no such file", expected: "a checksum of every file")
      return
    }
    let path = path(file)
    guard let bytes = attempt({ () throws(InputError) in try readFile(path) }) else { return }
    var listed: Set<String> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    for (number, line) in lines.enumerated() {
      let text = String(decoding: line, as: UTF8.self)
      let name = String(text.dropFirst(66))
      guard text.dropFirst(64).hasPrefix("  "), isInside(name) else {
        report(file, "line \(number + 1)", found: text, expected: "a checksum and a path")
        continue
      }
      listed.insert(name)
      checkDigest(name, String(text.prefix(64)))
    }
    let root = root
    let files = attempt { () throws(InputError) in try listFiles(under: root) } ?? []
    for name in files where name != file && !listed.contains(name) {
      report(name, "checksum", found: "none in \(file)", expected: "a line of its own")
    }
  }

  private mutating func checkDigest(_ name: String, _ digest: String) {
    let path = path(name)
    guard kind(ofPath: path) == .file else {
      report(name, "file", found: "no such file", expected: "the file of \(DatasetPath.manifest)")
      return
    }
    let found = attempt { () throws(InputError) in try SHA256.hexDigest(ofFile: path) }
    if let found { expect(name, "sha256", found, equals: digest) }
  }

  /// A path that stays in the dataset.
  private func isInside(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
  }
}
