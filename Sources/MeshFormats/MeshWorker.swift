// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Meshes

/// The other end of `MeshImporter`: the process in which foreign meshes are parsed.
package enum MeshWorker {
  /// The subcommand under which the executable starts itself as a worker.
  package static let command = "mesh-worker"

  /// Parses the mesh named by the first argument and prints it in `MeshStream`'s form.
  ///
  /// A second argument is the folder that its pictures lie in, however deep; else it is the mesh's.
  /// `ForeignFileWorker` says what it gives up before, and what it prints of a mesh that is wrong.
  /// Returns the process's exit code: 0, or 1 after an error.
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
      return ForeignFileWorker.refuse(
        InputError(
          file: "", field: "arguments", found: "\(arguments.count)",
          expected: "a path, and a root folder or none"))
    }
    return ForeignFileWorker.main(noun: "mesh", file: arguments[0]) { () throws(InputError) in
      MeshStream.encode(try reader(arguments[0], arguments.count == 2 ? arguments[1] : nil))
    }
  }
}
