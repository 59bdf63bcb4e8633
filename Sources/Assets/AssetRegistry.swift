// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// The list of all assets, in the order of their names; `Assets/README.md` describes its file.
package struct AssetRegistry: Equatable, Sendable {
  /// The assets, sorted by name.
  package let assets: [Asset]

  /// Reads a registry file.
  ///
  /// - Parameters:
  ///   - file: The name used in errors.
  ///   - bytes: JSON in UTF-8.
  /// - Throws: `InputError` that names the field, such as `assets[2].wheel.sha256`: for a key that
  ///   is missing or unknown, a value of the wrong kind, a name that comes twice, an entry that is
  ///   not unpacked, or a gripper that is not in the registry.
  package init(file: String, bytes: [UInt8]) throws(InputError) {
    let root = try JSONFields(file: file, try JSONValue(file: file, bytes: bytes))
    try root.refuseKeys(except: ["assets"])
    var assets: [Asset] = []
    for (index, element) in try root.array("assets").enumerated() {
      assets.append(try Asset(JSONFields(file: file, path: "assets[\(index)]", element)))
    }
    try AssetRegistry.check(assets, file: file)
    self.assets = assets.sorted { $0.name < $1.name }
  }

  /// Reads the registry that is part of the program.
  ///
  /// - Throws: `InputError` as for any registry, although a test reads this very one.
  package static func builtIn() throws(InputError) -> AssetRegistry {
    try AssetRegistry(file: "Assets/registry.json", bytes: PackageResources.registry_json)
  }

  /// Finds an asset.
  ///
  /// - Throws: `InputError` that lists the names there are.
  package func asset(named name: String) throws(InputError) -> Asset {
    if let asset = assets.first(where: { $0.name == name }) { return asset }
    throw InputError(
      file: "asset registry", field: "name", found: name,
      expected: "one of \(assets.map(\.name).joined(separator: ", "))")
  }

  /// Returns an asset, and before it the gripper that belongs to it.
  ///
  /// - Throws: `InputError` when the name is not in the registry.
  package func withGripper(_ name: String) throws(InputError) -> [Asset] {
    let asset = try asset(named: name)
    guard let gripper = asset.gripper else { return [asset] }
    return [try self.asset(named: gripper.asset), asset]
  }

  /// Throws when assets contradict each other or themselves.
  private static func check(_ assets: [Asset], file: String) throws(InputError) {
    for (index, asset) in assets.enumerated() {
      func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
        InputError(
          file: file, field: "assets[\(index)].\(field)", found: found, expected: expected)
      }
      if assets[..<index].contains(where: { $0.name == asset.name }) {
        throw fail("name", "\(asset.name) a second time", "each name once")
      }
      let isIncluded = asset.include.contains {
        $0 == asset.entry || ($0.hasSuffix("/") && asset.entry.hasPrefix($0))
      }
      if !isIncluded { throw fail("entry", asset.entry, "a path that `include` covers") }
      if let gripper = asset.gripper?.asset, !assets.contains(where: { $0.name == gripper }) {
        throw fail("gripper.asset", gripper, "the name of an asset")
      }
    }
  }
}

extension Asset {
  /// Reads one element of the registry's list.
  fileprivate init(_ fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(except: [
      "name", "title", "wheel", "licence", "licenceFile", "entry", "include", "faceCount",
      "needs", "gripper",
    ])
    name = try fields.text("name", "lower-case letters, digits and hyphens") { text in
      text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
    title = try fields.text("title")
    wheel = try Wheel(fields.object("wheel"))
    licence = try fields.text("licence")
    licenceFile = try fields.text("licenceFile")
    entry = try fields.text("entry")
    include = try fields.texts("include")
    faceCount = try fields.integer("faceCount", atLeast: 1)
    needs = try fields.texts("needs")
    gripper = fields["gripper"] == nil ? nil : try Gripper(fields.object("gripper"))
  }
}

extension Asset.Wheel {
  fileprivate init(_ fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(except: ["package", "version", "sha256", "byteCount"])
    packageName = try fields.text("package", "letters, digits, `-`, `_` and `.`", isPackageWord)
    version = try fields.text("version", "letters, digits, `-`, `_` and `.`", isPackageWord)
    sha256 = try fields.text("sha256", "64 lower-case hexadecimal digits") { text in
      text.utf8.count == 64
        && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
    byteCount = try fields.integer("byteCount", atLeast: 1)
  }
}

extension Asset.Gripper {
  fileprivate init(_ fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(except: ["asset", "site"])
    asset = try fields.text("asset")
    site = try fields.text("site")
  }
}

extension JSONFields {
  /// Returns a text that is not empty and passes a test.
  fileprivate func text(
    _ key: String, _ expected: String = "a text that is not empty",
    _ isValid: (String) -> Bool = { _ in true }
  ) throws(InputError) -> String {
    let text = try string(key)
    guard !text.isEmpty, isValid(text) else { throw wrong(key, .string(text), expected) }
    return text
  }

  /// Returns a list of texts, which may be empty.
  fileprivate func texts(_ key: String) throws(InputError) -> [String] {
    var result: [String] = []
    for element in try array(key) {
      guard case .string(let text) = element else { throw wrong(key, element, "texts") }
      result.append(text)
    }
    return result
  }
}

/// Whether a text can stand in a pip requirement without meaning anything else there.
private func isPackageWord(_ text: String) -> Bool {
  let isPlain = text.utf8.allSatisfy {
    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
      || [45, 46, 95].contains($0)
  }
  return isPlain && !text.hasPrefix("-")
}
