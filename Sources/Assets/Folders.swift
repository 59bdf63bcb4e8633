// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation

/// Makes a folder and those above it that are missing.
func makeFolder(_ path: String) throws(InputError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw folderError(path, "create")
  }
}

/// Makes a folder with nothing in it, whatever an interrupted run left there.
func makeEmptyFolder(_ path: String) throws(InputError) {
  try? FileManager.default.removeItem(atPath: path)
  try makeFolder(path)
}

func isFolder(_ path: String) -> Bool {
  var result: ObjCBool = false
  return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &result)
    && result.boolValue
}

/// Renames a whole folder to its final name; one that another process published first is kept.
func publishFolder(_ temporary: String, as path: String) throws(InputError) {
  try synchronizeFolder(temporary)
  guard unsafe rename(temporary, path) == 0 else {
    if [EEXIST, ENOTEMPTY].contains(errno) { return }
    throw folderError(path, "publish")
  }
  try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
}

private func folderError(_ path: String, _ action: String) -> InputError {
  InputError(
    file: path, field: action, found: unsafe String(cString: strerror(errno)).lowercased(),
    expected: "a folder that can be written")
}
