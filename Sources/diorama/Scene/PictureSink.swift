// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Datasets
import Files
import Foundation
import Images

/// Where pictures go.
///
///     NAME.png, .npy, .exr    one output of one picture
///     NAME.mp4                the colour of all pictures, as a video
///     any other name          a folder: OUTPUT.png of one picture, OUTPUT/000000.png of many
enum PictureTarget: Equatable {
  case file(PictureFormat)
  case video
  case folder

  init(path: String) {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    self =
      ending == "mp4" ? .video : PictureFormat(rawValue: ending).map(PictureTarget.file) ?? .folder
  }
}

/// Throws unless a folder can be made, or filled, at a path.
func requireFillable(_ path: String, replacing: Bool) throws(InputError) {
  switch kind(ofPath: path) {
  case .file:
    throw InputError(file: path, field: "output", found: "a file", expected: "a folder's name")
  case .folder:
    let isEmpty = try listFolder(path).isEmpty
    guard replacing || isEmpty else {
      throw InputError(
        file: path, field: "output", found: "a folder that is not empty",
        expected: "no folder, an empty one, or --force")
    }
    guard FileManager.default.isWritableFile(atPath: path) else {
      throw InputError(
        file: path, field: "output", found: "a folder that cannot be written",
        expected: "one that can")
    }
  case .absent:
    try requireWritable(path, replacing: false)
  }
}

/// A folder that appears under its name, with all its files, only when it is whole.
///
/// Until then it is a hidden folder beside it, removed when the end never comes. Into a folder that
/// is there already its files are moved one by one.
struct PictureFolder: ~Copyable {
  private let path: String
  private let hidden: String

  /// Names the folder; nothing is made before the first file.
  init(path: String) {
    let url = URL(fileURLWithPath: path)
    self.path = url.path
    let process = ProcessInfo.processInfo.processIdentifier
    hidden = url.deletingLastPathComponent().path + "/.\(url.lastPathComponent).tmp-\(process)"
  }

  deinit { try? removeItem(hidden) }

  /// Writes a file; its name may begin with the name of a folder.
  func write(_ name: String, _ bytes: [UInt8]) throws(InputError) {
    let place = hidden + "/" + name
    do throws(InputError) {
      try createFolder(URL(fileURLWithPath: place).deletingLastPathComponent().path)
      var file = try OutputFile(path: place)
      try file.write(bytes)
      try file.finish()
    } catch {
      throw InputError(
        file: path + "/" + name, field: error.field, found: error.found, expected: error.expected)
    }
  }

  /// Gives the folder its name.
  consuming func publish() throws(InputError) {
    if kind(ofPath: path) == .absent {
      try moveItem(hidden, to: path)
      return try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
    for name in try listFiles(under: hidden) {
      try createFolder(URL(fileURLWithPath: path + "/" + name).deletingLastPathComponent().path)
      try moveItem(hidden + "/" + name, to: path + "/" + name)
    }
    try synchronizeFolders(under: path)
  }
}

/// Takes the files of pictures as they come, and lets them be seen when all are there.
struct PictureSink: ~Copyable {
  private let path: String
  /// Whether pictures have numbers.
  let isSeries: Bool
  private var folder: PictureFolder?
  private var video: VideoEncoder?
  private var file: [UInt8] = []
  /// The files, by the names under which they will stand.
  private(set) var names: [String] = []

  /// Begins; nothing is seen under the path before `publish`.
  init(
    path: String, target: PictureTarget, isSeries: Bool, size: (width: Int, height: Int), fps: Int
  ) throws(InputError) {
    self.path = path
    self.isSeries = isSeries
    folder = target == .folder ? PictureFolder(path: path) : nil
    guard target == .video else { return }
    do throws(InputError) {
      video = try VideoEncoder(width: size.width, height: size.height, fpsNumerator: fps)
    } catch {
      throw InputError(
        file: path, field: error.field, found: error.found, expected: error.expected)
    }
  }

  /// Takes a picture's files, or its colour for a video.
  mutating func add(
    _ files: [PictureFile], colour: RGBImage, ofPicture picture: Int
  ) throws(InputError) {
    if video != nil {
      try video?.append(colour)
      names = [path]
      return
    }
    for each in files {
      if folder == nil {
        file = each.bytes
        names = [path]
      } else {
        let digits = String(picture)
        let number = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let name =
          isSeries ? "\(each.name)/\(number).\(each.ending)" : "\(each.name).\(each.ending)"
        try folder?.write(name, each.bytes)
        names.append(path + "/" + name)
      }
    }
  }

  /// Lets everything be seen.
  consuming func publish() throws(InputError) {
    if let folder = folder.take() { return try folder.publish() }
    guard let video = video.take() else { return try publishFile(path, file) }
    var muxer = VideoMuxer(path: path)
    _ = try muxer.append(try video.finish())
    try muxer.finish()
  }
}
