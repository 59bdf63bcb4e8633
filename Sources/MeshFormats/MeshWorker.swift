// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Meshes

/// The other end of `MeshImporter`: the process in which foreign meshes are parsed.
package enum MeshWorker {
  /// The subcommand under which the executable starts itself as a worker.
  package static let command = "mesh-worker"

  /// Parses the mesh named by the first argument and prints it in `MeshStream`'s form.
  ///
  /// A second argument is the folder that its pictures lie in, however deep; else it is the mesh's.
  /// Before it opens the mesh, the process gives up every system call that parsing has no use for;
  /// where the kernel does not let it, nothing is parsed. A mesh that is wrong is named on the
  /// standard error, by the field, what was found and what was expected, a line each. Returns the
  /// process's exit code: 0, or 1 after an error.
  package static func main(_ arguments: [String]) -> Int32 {
    main(arguments, reader: readMeshes(_:root:))
  }

  /// Reads a mesh with Assimp in this process, where a crash must do no harm.
  package static func readMeshes(
    _ path: String, root: String? = nil
  ) throws(InputError) -> [TriangleMesh] {
    try readMeshesInProcess(path, root: root)
  }

  /// The same as `main` with another reader in the place of `readMeshes`, which tests try.
  package static func main(
    _ arguments: [String], reader: (String, String?) throws(InputError) -> [TriangleMesh]
  ) -> Int32 {
    guard (1...2).contains(arguments.count) else {
      put(
        Array("arguments\n\(arguments.count)\na path, and a root folder or none\n".utf8),
        to: STDERR_FILENO)
      return 1
    }
    do throws(InputError) {
      try confine(for: arguments[0])
      let meshes = try reader(arguments[0], arguments.count == 2 ? arguments[1] : nil)
      put(MeshStream.encode(meshes), to: STDOUT_FILENO)
      return 0
    } catch {
      put(Array("\(error.field)\n\(error.found)\n\(error.expected)\n".utf8), to: STDERR_FILENO)
      return 1
    }
  }

  private static func confine(for path: String) throws(InputError) {
    guard let failure = Confinement.enter() else { return }
    throw InputError(
      file: path, field: "mesh worker",
      found: unsafe String(cString: strerror(failure)).lowercased(),
      expected: "a kernel that lets a process give up system calls (seccomp)")
  }

  private static func put(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes[offset...].withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }
}
