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
    var root = try JSONFields(file: file, bytes: bytes)
    let list = try root.objects("assets")
    try root.finish()
    var assets: [Asset] = []
    for fields in list { assets.append(try Asset(fields)) }
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
  fileprivate init(_ object: JSONFields) throws(InputError) {
    var fields = object
    name = try fields.string("name", "lower-case letters, digits and hyphens") { text in
      text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
    title = try fields.string("title")
    wheel = try Wheel(fields.object("wheel"))
    licence = try fields.string("licence")
    licenceFile = try fields.string("licenceFile")
    entry = try fields.string("entry")
    include = try fields.strings("include")
    faceCount = try fields.count("faceCount")
    repairs = try fields.strings("repairs")
    gripper = nil
    if let value = try fields.objectIfPresent("gripper") { gripper = try Gripper(value) }
    try fields.finish()
  }
}

extension Asset.Wheel {
  fileprivate init(_ object: JSONFields) throws(InputError) {
    var fields = object
    packageName = try fields.string("package", "letters, digits, `-`, `_` and `.`", isPackageWord)
    version = try fields.string("version", "letters, digits, `-`, `_` and `.`", isPackageWord)
    sha256 = try fields.string("sha256", "64 lower-case hexadecimal digits") { text in
      text.utf8.count == 64
        && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
    byteCount = try fields.count("byteCount")
    try fields.finish()
  }
}

extension Asset.Gripper {
  fileprivate init(_ object: JSONFields) throws(InputError) {
    var fields = object
    asset = try fields.string("asset")
    site = try fields.string("site")
    try fields.finish()
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
