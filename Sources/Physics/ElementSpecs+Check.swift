// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry

// MuJoCo takes NaN for "not given" in some fields and lets infinity through in others, so every
// number is looked at before it gets there. Signs and ranges are MuJoCo's to check.

/// Where a number stands, for errors.
struct Place {
  /// The file or world it belongs to.
  var source: String
  /// The element, such as `geom lid`.
  var element: String

  /// Throws unless every number is finite.
  func requireFinite(_ numbers: [Double], _ field: String) throws(InputError) {
    guard let bad = numbers.first(where: { !$0.isFinite }) else { return }
    throw InputError(
      file: source, field: "\(element) \(field)", found: "\(bad)", expected: "finite numbers")
  }

  /// Throws unless a transform is finite and its quaternion has length one.
  func requireRigid(_ transform: RigidTransform) throws(InputError) {
    let (t, q) = (transform.translation, transform.rotation)
    try requireFinite([t.x, t.y, t.z, q.w, q.x, q.y, q.z], "pose")
    // Wide enough for quaternions that were read from files in single precision.
    guard abs(q.lengthSquared - 1) < 1e-3 else {
      throw InputError(
        file: source, field: "\(element) rotation",
        found: "a quaternion of squared length \(q.lengthSquared)", expected: "length 1")
    }
  }
}

extension GeomSpec {
  /// Throws unless every number is finite.
  func check(_ place: Place) throws(InputError) {
    try place.requireRigid(bodyFromGeom)
    try place.requireFinite(shape.sizes, "size")
    let (kilograms, field) =
      switch mass {
      case .density(let density): (density, "density")
      case .mass(let mass): (mass, "mass")
      }
    try place.requireFinite([kilograms], field)
    let friction = contact.friction
    try place.requireFinite([friction.x, friction.y, friction.z], "friction")
    try place.requireFinite((0..<4).map { Double(rgba[$0]) }, "colour")
  }
}

extension Shape {
  /// The numbers that describe it, metres.
  fileprivate var sizes: [Double] {
    switch self {
    case .plane(let halfX, let halfY): [halfX, halfY]
    case .sphere(let radius): [radius]
    case .capsule(let radius, let halfLength), .cylinder(let radius, let halfLength):
      [radius, halfLength]
    case .ellipsoid(let sizes), .box(let sizes): [sizes.x, sizes.y, sizes.z]
    case .mesh, .other: []
    }
  }
}
