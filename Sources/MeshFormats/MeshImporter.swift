// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import ImageFiles
package import Meshes

/// Reads meshes of foreign origin in a process of their own.
///
/// Assimp has crashed, hung and run out of memory on odd files (CVE-2025-2152 and others), so it
/// runs in a worker with a time, a memory and an output limit, which can write no file. What the
/// worker prints is checked again here. A read costs about 10 ms more than in this process.
package struct MeshImporter: Sendable {
  /// The axis that points up in a file's frame.
  package enum UpAxis: Sendable {
    /// Coordinates are taken as stored (STL, OBJ and robot files are z up by custom).
    case z
    /// Stored with y up, as glTF demands: turned so that z is up, (x, y, z) to (x, -z, y).
    case y
  }

  /// The path of an executable that hands `mesh-worker PATH` to `MeshWorker.main`.
  package let workerExecutable: String
  /// What the worker may take.
  package let limits: ProcessLimits

  /// Makes an importer.
  package init(workerExecutable: String, limits: ProcessLimits = ProcessLimits()) {
    self.workerExecutable = workerExecutable
    self.limits = limits
  }

  /// Reads an OBJ, STL, glTF, GLB, DAE or PLY file: one mesh for each material that is used.
  ///
  /// Lengths are metres as stored; DAE states its own unit and is scaled to metres. Axes are as
  /// stored unless `upAxis` is `.y`: nothing is turned silently. Normals are those of the file,
  /// or none. Colours, metal and roughness are those of the materials; of textures the one of the
  /// base colour is read, PNG or JPEG, from the mesh file or its folder and what lies below that.
  /// Where glTF's material says MASK, the mesh is cut out by the picture's alpha; all else is
  /// opaque, what says BLEND too. Blocks the calling thread.
  ///
  /// A `root` is a folder that the mesh lies in, however deep, in which its pictures may lie too;
  /// nothing outside of it is read, however a name is written and wherever a link leads.
  ///
  /// - Throws: `InputError` for a file that is missing, of another kind or rubbish, for a picture
  ///   that is missing, damaged or elsewhere, and for a file on which the worker passes a limit or
  ///   crashes.
  package func read(
    _ path: String, upAxis: UpAxis = .z, root: String? = nil
  ) throws(InputError) -> [TriangleMesh] {
    try readHashed(path, upAxis: upAxis, root: root).meshes
  }

  /// Reads as `read` does, and returns the SHA-256 of what the worker made of the file.
  ///
  /// It stands for all that is in the meshes, pictures too, whatever other files they came from.
  package func readHashed(
    _ path: String, upAxis: UpAxis = .z, root: String? = nil
  ) throws(InputError) -> (meshes: [TriangleMesh], digest: String) {
    let ending = path.split(separator: ".").last?.lowercased() ?? ""
    guard meshFileExtensions.contains(ending) else {
      throw InputError(
        file: path, field: "name", found: "the ending \"\(ending)\"",
        expected: "one of \(meshFileExtensions.joined(separator: ", "))")
    }
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw InputError(
        file: path, field: "file", found: "nothing that can be read", expected: "a mesh file")
    }
    try NamedPictures(of: path, root: root).requireInRoot()
    let reader = ForeignFileReader(
      workerExecutable: workerExecutable, limits: limits, noun: "mesh")
    let output = try reader.read(
      [MeshWorker.command, path] + (root.map { [$0] } ?? []), file: path)
    let meshes = try MeshStream.decode(output, file: path)
    return (upAxis == .y ? meshes.map(turnedToZUp) : meshes, SHA256.hexDigest(of: output))
  }
}

/// Turns a mesh by a quarter about x, so that what pointed along y points along z.
private func turnedToZUp(_ mesh: TriangleMesh) -> TriangleMesh {
  var turned = mesh
  turned.positions = mesh.positions.map { SIMD3($0.x, -$0.z, $0.y) }
  turned.normals = mesh.normals.map { SIMD3($0.x, -$0.z, $0.y) }
  return turned
}
