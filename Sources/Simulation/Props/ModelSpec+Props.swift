// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import Meshes
package import Physics

extension ModelSpec {
  /// Puts an object on the table: a body with a free joint of the same name.
  ///
  /// The geoms are named `NAME/0` and so on, in the order of the object's parts. It starts at
  /// `worldFromObject`, metres: half its height over the table to stand on it. `rgba` is
  /// display-referred sRGB and opacity, 0...1.
  /// - Throws: `InputError` where the name is taken.
  package mutating func add(
    _ object: ObjectGeometry, named name: String, worldFromObject: RigidTransform,
    rgba: SIMD4<Float>
  ) throws(InputError) {
    let density = object.mass / object.parts.reduce(0) { $0 + $1.volume }
    // Torsional friction of a contact patch of about 5 mm; rolling friction of 0.8 mm, which stops
    // a ball on felt within a few centimetres.
    var rule = GeomSpec.ContactRule(dimension: 4, friction: SIMD3(1, 0.005, 0.0001))
    if object.rolls { (rule.dimension, rule.friction.z) = (6, 0.0008) }
    try add(
      BodySpec(
        named: name, motion: .free, parentFromBody: worldFromObject,
        geoms: geoms(of: object.parts, named: name, rgba: rgba, density: density, rule: rule)))
  }

  /// Fixes a place to the table.
  ///
  /// The geoms are named `NAME/0` and so on, in the order of the place's parts. `rgba` is
  /// display-referred sRGB and opacity, 0...1.
  /// - Throws: `InputError` where the name is taken.
  package mutating func add(
    _ place: PlaceGeometry, named name: String, worldFromPlace: RigidTransform,
    rgba: SIMD4<Float>
  ) throws(InputError) {
    let rule = GeomSpec.ContactRule(dimension: 4, friction: SIMD3(1, 0.005, 0.0001))
    try add(
      BodySpec(
        named: name, motion: .fixed, parentFromBody: worldFromPlace,
        geoms: geoms(of: place.parts, named: name, rgba: rgba, density: 1000, rule: rule)))
  }

  /// Turns parts into geoms; prisms become meshes of the geom's name.
  private mutating func geoms(
    of parts: [PropPart], named name: String, rgba: SIMD4<Float>, density: Double,
    rule: GeomSpec.ContactRule
  ) throws(InputError) -> [GeomSpec] {
    var geoms: [GeomSpec] = []
    for (index, part) in parts.enumerated() {
      let partName = PropPart.geomName(index, of: name)
      let shape: Shape
      switch part.form {
      case .box(let halfSizes): shape = .box(halfSizes: halfSizes)
      case .cylinder(let radius, let halfLength):
        shape = .cylinder(radius: radius, halfLength: halfLength)
      case .sphere(let radius): shape = .sphere(radius: radius)
      case .prism(let outline, let halfLength):
        try addMesh(prismMesh(outline, halfLength: halfLength), named: partName)
        shape = .mesh(name: partName)
      }
      var geom = GeomSpec(shape, named: partName)
      geom.bodyFromGeom = part.propFromPart
      geom.mass = .density(density)
      geom.contact = rule
      geom.rgba = rgba
      geom.group = 2
      geoms.append(geom)
    }
    return geoms
  }
}

/// The closed surface of a convex outline drawn out along z, its edges sharp.
func prismMesh(_ outline: [SIMD2<Double>], halfLength: Double) -> TriangleMesh {
  let count = UInt32(outline.count)
  let ring = outline.map { SIMD2<Float>($0) }
  let half = Float(halfLength)
  var indices: [UInt32] = []
  for corner in 0..<count {
    let next = (corner + 1) % count
    indices += [corner, next, corner + count, next, next + count, corner + count]
  }
  for corner in 1..<count - 1 {
    indices += [0, corner + 1, corner, count, count + corner, count + corner + 1]
  }
  let corners = ring.map { SIMD3($0, -half) } + ring.map { SIMD3($0, half) }
  return TriangleMesh(positions: corners, indices: indices).withNormals(creaseAngle: .pi / 6)
}
