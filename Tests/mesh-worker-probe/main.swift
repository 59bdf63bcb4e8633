// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The worker of `MeshImporterTests`: the real one, and stand-ins for what Assimp does on its worst
// days, chosen by the file's name.

import Foundation
import MeshFormats

let arguments = CommandLine.arguments
let path = arguments.last ?? ""

switch URL(fileURLWithPath: path).lastPathComponent {
case "hang.stl":
  while true { pause() }
case "spin.stl":
  while true {}
case "crash.stl":
  // A write through a wild pointer, as in Assimp's CVEs.
  unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
case "memory.stl":
  var blocks: [[UInt8]] = []
  while true { blocks.append([UInt8](repeating: 1, count: 64 << 20)) }
case "flood.stl":
  let block = [UInt8](repeating: 7, count: 1 << 16)
  while true { FileHandle.standardOutput.write(Data(block)) }
case "lie.stl":
  FileHandle.standardOutput.write(Data("DMSH".utf8 + [255, 255, 255, 255]))
default:
  guard arguments.count == 3, arguments[1] == MeshWorker.command else { exit(64) }
  exit(MeshWorker.main(Array(arguments.dropFirst(2))))
}
