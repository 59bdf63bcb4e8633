// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CMuJoCo
package import Files

extension ModelSpec {
  /// Lets the geoms that show one mesh on one body touch nothing any more; they are still seen.
  ///
  /// For concave meshes, whose convex hulls would fill the space that a hand closes around.
  /// - Throws: `InputError` where there is no such body, or no such geom on it.
  package mutating func disableContacts(
    ofMesh mesh: String, on body: String
  ) throws(InputError) {
    guard let owner = unsafe mjs_findBody(spec, body) else {
      throw InputError(
        file: source, field: "body", found: "no \"\(body)\"", expected: "the name of a body")
    }
    var count = 0
    var next = unsafe mjs_firstChild(owner, mjOBJ_GEOM, 0)
    while let element = unsafe next {
      if let geom = unsafe mjs_asGeom(element), unsafe meshName(of: geom) == mesh {
        unsafe geom.pointee.contype = 0
        unsafe geom.pointee.conaffinity = 0
        count += 1
      }
      unsafe next = mjs_nextChild(owner, element, 0)
    }
    guard count > 0 else {
      throw InputError(
        file: source, field: "geom on \(body)", found: "none of mesh \"\(mesh)\"",
        expected: "the name of a mesh that the body shows")
    }
  }
}

private func meshName(of geom: UnsafeMutablePointer<mjsGeom>) -> String {
  guard let text = unsafe geom.pointee.meshname, let name = unsafe mjs_getString(text) else {
    return ""
  }
  return unsafe String(cString: name)
}
