// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The worker of `MeshImporterTests`: the real one, but with stand-ins for what Assimp does on its
// worst days, and for what a mesh that has taken it over would try; chosen by the file's name.

import Files
import Foundation
import MeshFormats
import Meshes

/// A function of C that Swift does not import since it takes any arguments: it finds the first four
/// where it looks for them, on both processors.
private typealias OpenFunction = @convention(c) (Int, Int, Int, Int) -> Int32

/// Calls a function of C by its name, and returns -1 where it fails.
private func call(_ name: String, _ arguments: (Int, Int, Int, Int)) -> Int32 {
  guard let symbol = unsafe dlsym(nil, name) else { exit(70) }
  let function = unsafe unsafeBitCast(symbol, to: OpenFunction.self)
  return function(arguments.0, arguments.1, arguments.2, arguments.3)
}

/// What a mesh that has taken the reader over tries, by the name of its file: the result is below
/// zero where the system refuses, and nil for other names.
private func hostileAttempt(_ name: String, _ path: String) -> Int32? {
  switch name {
  case "socket": return socket(AF_INET, 1, 0)
  case "connect": return connect(0, nil, 0)
  case "program":
    return unsafe "/bin/true".withCString { path in
      call("execv", (Int(bitPattern: path), 0, 0, 0))
    }
  case "child": return call("fork", (0, 0, 0, 0))
  // 16 is PTRACE_ATTACH, to the importer.
  case "trace": return call("ptrace", (16, Int(getppid()), 0, 0))
  // Signal 0 only asks whether one would be allowed.
  case "signal": return kill(getppid(), 0)
  case "signals": return call("tgkill", (Int(getppid()), Int(getppid()), 0, 0))
  case "create": return unsafe open(path + ".made", O_CREAT | O_RDONLY, 0o644)
  case "change": return unsafe open(path, O_RDWR)
  case "remove": return unsafe unlink(path)
  // 425 is io_uring_setup, which could do all of the above unseen; null is no place for its answer.
  case "ring": return call("syscall", (425, 1, 0, 0))
  case "limits":
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    return unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  default: return nil
  }
}

private func read(_ path: String, _ root: String?) throws(InputError) -> [TriangleMesh] {
  let file = URL(fileURLWithPath: path)
  if let result = hostileAttempt(file.deletingPathExtension().lastPathComponent, path) {
    let reason = unsafe String(cString: strerror(errno)).lowercased()
    throw InputError(
      file: path, field: "attempt", found: result < 0 ? reason : "success", expected: "refusal")
  }
  switch file.lastPathComponent {
  case "hang.stl":
    while true { sleep(1) }
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
    exit(0)
  case "abort.stl":
    abort()
  default:
    break
  }
  return try MeshWorker.readMeshes(path, root: root)
}

let arguments = CommandLine.arguments
guard (3...4).contains(arguments.count), arguments[1] == MeshWorker.command else { exit(64) }
exit(MeshWorker.main(Array(arguments.dropFirst(2)), reader: read))
