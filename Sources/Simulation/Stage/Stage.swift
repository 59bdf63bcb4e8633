// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Meshes
package import Physics
package import Worlds

/// The physics of one episode: the table, the robot on it, and the props around.
///
/// The table's top is the plane z = 0, and it ends where the splats show it to end. Names: the
/// robot's bodies are `ROBOT/BODY`, a prop's body has the prop's own name.
package struct Stage: Sendable {
  /// The compiled world.
  package let model: Model
  /// The robot's names in it.
  package let robot: SO101
  /// The props' bodies, in the order of the placements.
  package let props: [Body]
  /// The meshes that stand fixed.
  package let scenery: [Scenery]

  /// The instance identifier of the robot in label images; 0 is the background.
  package static let robotInstance: UInt32 = 1
  /// The instance identifier of the first prop; the others follow in order.
  package static let firstPropInstance: UInt32 = 2

  /// The group of geoms that are touched but not drawn, as in MuJoCo's own models.
  static let hiddenGroup = 3

  /// Builds the physics of an episode from the robot that `RobotFile.open` gave.
  ///
  /// - Throws: `InputError` where MuJoCo does not compile it.
  package init(
    world: World, robotSpec: borrowing ModelSpec, surroundings: Surroundings,
    props placements: [PropPlacement]
  ) throws(InputError) {
    var spec = ModelSpec()
    // Elliptic cones and stiff friction keep what the jaw holds from creeping out of it.
    spec.apply(
      PhysicsOptions(
        timestepNanoseconds: world.time.physicsStepNanoseconds, integrator: .implicitFast,
        cone: .elliptic, frictionImpedanceRatio: 10))
    try spec.add(surroundings.support)
    let prefix = world.robot.name + "/"
    try spec.attach(
      robotSpec, at: .body("world", bodyFromChild: world.robot.worldFromBase), prefix: prefix)
    for piece in surroundings.scenery {
      try spec.addMesh(piece.mesh, named: piece.name)
      var geom = GeomSpec(.mesh(name: piece.name), named: piece.name)
      geom.bodyFromGeom = piece.worldFromMesh
      geom.rgba = SIMD4(piece.mesh.colourSRGB, 1)
      try spec.add(geom, to: "world")
    }
    for placement in placements {
      let rgba = SIMD4(placement.colourSRGB, 1)
      switch placement.prop {
      case .object(let object):
        try spec.add(
          object, named: placement.name, worldFromObject: placement.worldFromProp, rgba: rgba)
      case .place(let place):
        try spec.add(
          place, named: placement.name, worldFromPlace: placement.worldFromProp, rgba: rgba)
      }
    }
    model = try spec.compile()
    robot = SO101(prefix: prefix)
    scenery = surroundings.scenery
    var bodies: [Body] = []
    for placement in placements { bodies.append(try Self.body(placement.name, in: model)) }
    props = bodies
  }

  private static func body(_ name: String, in model: Model) throws(InputError) -> Body {
    guard let body = model.body(named: name) else {
      throw InputError(
        file: "the world", field: "body", found: "no “\(name)”", expected: "its body")
    }
    return body
  }
}
