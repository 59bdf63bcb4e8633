// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Images

/// A picture as a file has it: its colours, and alpha where some of it is not opaque.
package typealias SourcePicture = (colour: RGBImage, alpha: [UInt8]?)

/// The pictures that a file names: files of its own folder or of one below, or of a root
/// folder that holds it; each is read once.
package struct NamedPictures {
  /// The longest edge of a picture, pixels.
  package static let edgeLimit = 8192
  /// The largest file that is read.
  private static let fileByteLimit = 256 << 20

  /// The file that names the pictures.
  package let file: String
  /// The folder that pictures may not lie outside of; nil for the file's own.
  private let root: String?
  private var known: [String: SourcePicture] = [:]

  /// Prepares to read those of a file, below a root that they may not lie outside of.
  package init(of file: String, root: String? = nil) {
    self.file = file
    self.root = root
  }

  /// Reads the picture that the file names.
  ///
  /// - Throws: `InputError` for a name that leads out of the root, through a symbolic link too, a
  ///   file that is missing, or one that is no picture within the limits.
  package mutating func picture(named name: String) throws(InputError) -> SourcePicture {
    if let ready = known[name] { return ready }
    let path = try path(named: name)
    let size = kind(ofPath: path) == .file ? try fileSize(path) : nil
    guard let size, size <= Self.fileByteLimit else {
      throw refusal(
        name, size.map { "\($0) bytes" } ?? "no file", "a file of at most \(Self.fileByteLimit)")
    }
    let picture = try decode(readFile(path), named: name)
    known[name] = picture
    return picture
  }

  /// Decodes a picture that lies in the file itself, under the name that stands for it there.
  package mutating func picture(
    embedded bytes: [UInt8], as name: String
  ) throws(InputError) -> SourcePicture {
    if let ready = known[name] { return ready }
    let picture = try decode(bytes, named: name)
    known[name] = picture
    return picture
  }

  private func decode(_ bytes: [UInt8], named name: String) throws(InputError) -> SourcePicture {
    do throws(InputError) {
      return try Picture.decode(bytes, file: file, edgeLimit: Self.edgeLimit)
    } catch {
      throw refusal(name, "\(error.field): \(error.found)", error.expected)
    }
  }

  /// The file that a name stands for.
  private func path(named name: String) throws(InputError) -> String {
    // Exporters on Windows write their own separator.
    let parts = name.replacing("\\", with: "/")
      .split(separator: "/", omittingEmptySubsequences: false)
    let place = root.map { "a file in \($0) or below" } ?? "a file in the file's folder or below"
    guard let (folder, top) = folders() else { throw refusal(name, "no folder", place) }
    let isRelative = parts.first?.isEmpty == false && parts.first?.contains(":") == false
    // Steps up that are too many are not even looked at.
    var depth = Self.steps(from: top, to: folder)
    for part in parts where !part.isEmpty && part != "." && depth >= 0 {
      depth += part == ".." ? -1 : 1
    }
    guard isRelative, depth >= 0 else {
      throw refusal(name, "a path that leads elsewhere", place)
    }
    guard let path = Self.resolved(folder + "/" + parts.joined(separator: "/")) else {
      throw refusal(name, "nothing that can be read", "a PNG or JPEG file")
    }
    guard Self.holds(top, path) else {
      throw refusal(name, "a link that leads elsewhere", place)
    }
    return path
  }

  /// The mesh's folder and the root without links; nil where the mesh does not lie in the root.
  private func folders() -> (mesh: String, root: String)? {
    let end = file.lastIndex(of: "/").map { file[...$0] } ?? "./"
    guard let folder = Self.resolved(String(end)), let top = root.map(Self.resolved) ?? folder,
      folder == top || Self.holds(top, folder)
    else { return nil }
    return (folder, top)
  }

  /// Throws unless the root, where there is one, holds the mesh.
  package func requireInRoot() throws(InputError) {
    guard let root, folders() == nil else { return }
    throw InputError(
      file: file, field: "root", found: root, expected: "a folder that the mesh lies in")
  }

  private static func holds(_ folder: String, _ path: String) -> Bool {
    path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }

  /// How many folders deep one lies in another.
  private static func steps(from top: String, to folder: String) -> Int {
    func count(_ path: String) -> Int { path.split(separator: "/").count }
    return count(folder) - count(top)
  }

  /// The path without links, nil where there is nothing.
  private static func resolved(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  private func refusal(_ name: String, _ found: String, _ expected: String) -> InputError {
    // What a hostile file calls its picture stays on one line.
    let shown = name.prefix(200).map { $0.isNewline ? " " : $0 }
    return InputError(
      file: file, field: "texture \(String(shown))", found: found, expected: expected)
  }
}
