// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Meshes

/// MuJoCo's camera frame (x right, y up, z backward) from ours (x right, y down, z forward): half a
/// turn about x.
let mujocoCameraFromCamera = RigidTransform(rotation: Quaternion(w: 0, x: 1, y: 0, z: 0))

/// Finds elements by name. Names are unique within a kind; an empty name finds nothing.
///
/// - Complexity: O(elements); look a name up once and keep the id.
extension Model {
  /// The body of this name, nil where there is none.
  package func body(named name: String) -> Body? { find(bodies, name, \.name) }
  /// The joint of this name, nil where there is none.
  package func joint(named name: String) -> Joint? { find(joints, name, \.name) }
  /// The geom of this name, nil where there is none.
  package func geom(named name: String) -> Geom? { find(geoms, name, \.name) }
  /// The site of this name, nil where there is none.
  package func site(named name: String) -> Site? { find(sites, name, \.name) }
  /// The camera of this name, nil where there is none.
  package func camera(named name: String) -> Camera? { find(cameras, name, \.name) }
  /// The actuator of this name, nil where there is none.
  package func actuator(named name: String) -> Actuator? { find(actuators, name, \.name) }
  /// The sensor of this name, nil where there is none.
  package func sensor(named name: String) -> Sensor? { find(sensors, name, \.name) }
  /// The keyframe of this name, nil where there is none.
  package func keyframe(named name: String) -> Keyframe? { find(keyframes, name, \.name) }

  /// The triangles of the mesh of this name, nil where there is none; see `mesh(at:texture:)`.
  package func mesh(named name: String) -> TriangleMesh? {
    meshIndex(named: name).map { mesh(at: $0) }
  }

  /// The row in `meshNames` of the mesh of this name, nil where there is none.
  package func meshIndex(named name: String) -> Int? {
    name.isEmpty ? nil : meshNames.firstIndex(of: name)
  }

  /// The free joint of a body, nil where it has none.
  package func freeJoint(of body: Body.ID) -> Joint? {
    joints.first { $0.body == body && $0.kind == .free }
  }

  private func find<Element>(
    _ elements: [Element], _ name: String, _ nameOf: KeyPath<Element, String>
  ) -> Element? {
    name.isEmpty ? nil : elements.first { $0[keyPath: nameOf] == name }
  }
}
