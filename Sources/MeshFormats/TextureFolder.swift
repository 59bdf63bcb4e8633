// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images

/// The pictures that a mesh file names: files of its own folder or of one below, each read once.
struct TextureFolder {
  /// The longest edge of a picture, pixels.
  static let edgeLimit = 8192
  /// The largest file that is read.
  private static let fileByteLimit = 256 << 20

  let meshFile: String
  private var known: [String: RGBImage] = [:]

  init(of meshFile: String) { self.meshFile = meshFile }

  /// Reads the picture that a mesh names.
  ///
  /// - Throws: `InputError` for a name that leads out of the mesh's folder, through a symbolic link
  ///   too, a file that is missing, or one that is no picture within the limits.
  mutating func picture(named name: String) throws(InputError) -> RGBImage {
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

  /// Decodes a picture that lies in the mesh file itself, under the name that stands for it there.
  mutating func picture(embedded bytes: [UInt8], as name: String) throws(InputError) -> RGBImage {
    if let ready = known[name] { return ready }
    let picture = try decode(bytes, named: name)
    known[name] = picture
    return picture
  }

  private func decode(_ bytes: [UInt8], named name: String) throws(InputError) -> RGBImage {
    do throws(InputError) {
      return try Picture.decode(bytes, file: meshFile, edgeLimit: Self.edgeLimit)
    } catch {
      throw refusal(name, "\(error.field): \(error.found)", error.expected)
    }
  }

  /// The file that a name stands for.
  private func path(named name: String) throws(InputError) -> String {
    // Exporters on Windows write their own separator.
    let parts = name.replacing("\\", with: "/")
      .split(separator: "/", omittingEmptySubsequences: false)
    let isRelative = parts.first?.isEmpty == false && parts.first?.contains(":") == false
    guard isRelative, !parts.contains("..") else {
      throw refusal(name, "a path that leads elsewhere", "a file in the mesh's folder or below")
    }
    let end = meshFile.lastIndex(of: "/").map { meshFile[...$0] } ?? "./"
    guard let folder = Self.resolved(String(end)) else {
      throw refusal(name, "no folder", "a file in the mesh's folder or below")
    }
    guard let path = Self.resolved(folder + "/" + parts.joined(separator: "/")) else {
      throw refusal(name, "nothing that can be read", "a PNG or JPEG file")
    }
    guard path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/") else {
      throw refusal(name, "a link that leads elsewhere", "a file in the mesh's folder or below")
    }
    return path
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
      file: meshFile, field: "texture \(String(shown))", found: found, expected: expected)
  }
}
