// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Geometry
import MeshFormats
import Rasterizer

/// A file of splats or of a mesh that the command line puts into a scene, `FILE` or `FILE@x,y,z`.
struct PlacedFile: ExpressibleByArgument {
  var path: String
  var position: SIMD3<Double>

  init?(argument: String) {
    guard let mark = argument.lastIndex(of: "@") else {
      (path, position) = (argument, .zero)
      return
    }
    guard let place = Vector(argument: String(argument[argument.index(after: mark)...])),
      length(place.value) <= 1e9
    else { return nil }
    (path, position) = (String(argument[..<mark]), place.value)
  }

  /// Reads the file of a mesh, one for each of its materials; all are one instance.
  ///
  /// Its pictures lie in the folder `root`, however deep, or in its own.
  func readMesh(instance: UInt32, root: String?) throws(InputError) -> [MeshInstance] {
    let importer = MeshImporter(workerExecutable: ownExecutable())
    return try importer.read(path, root: root).map { mesh in
      MeshInstance(
        mesh: PackedMesh(mesh), worldFromMesh: RigidTransform(translation: position),
        instanceID: instance)
    }
  }
}
