// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Meshes

/// An image that meshes are drawn onto, and the projection that leads there.
@safe
struct MeshView {
  let kernel: kernels_mesh_view
  let tileColumns: Int
  let tileCount: Int
  private let viewFromWorld: RigidTransform
  /// Pixels.
  private let focal: SIMD2<Double>
  private let principal: SIMD2<Double>

  /// The view of a camera.
  init(camera: Camera, cameraFromWorld: RigidTransform, rules: ViewRules) {
    let (focal, principal) = (camera.focalLengthPixels, camera.principalPoint)
    let opposite = SIMD2(Double(camera.width), Double(camera.height)) - principal
    func reach(_ axis: Int, _ edge: SIMD2<Double>) -> Float {
      Float((focal[axis] * focal[axis] + edge[axis] * edge[axis]).squareRoot())
    }
    kernel = kernels_mesh_view(
      reach: (
        reach(0, principal), reach(0, opposite), reach(1, principal), reach(1, opposite)
      ),
      near: rules.meshNear, far: rules.far, width: Int32(camera.width),
      height: Int32(camera.height), parallel: 0)
    let edge = Int(KERNELS_TILE)
    tileColumns = (camera.width + edge - 1) / edge
    tileCount = tileColumns * ((camera.height + edge - 1) / edge)
    viewFromWorld = cameraFromWorld
    self.focal = focal
    self.principal = principal
  }

  /// Places a mesh in the view.
  func placement(
    of instance: MeshInstance, _ shape: UnsafePointer<kernels_mesh>, _ light: Illumination
  ) -> kernels_placement {
    let scale = SIMD3<Double>(instance.scale)
    // Each by itself: the product of three small factors may be zero.
    precondition(scale.x != 0 && scale.y != 0 && scale.z != 0, "a mesh's scale is not zero")
    let viewFromMesh = viewFromWorld * instance.worldFromMesh
    let axes = viewFromMesh.rotation.normalized.matrix
    let scaled = Matrix3(
      columns: axes.column0 * scale.x, axes.column1 * scale.y, axes.column2 * scale.z)
    let t = viewFromMesh.translation
    func row(_ axis: Int) -> (Float, Float, Float, Float) {
      func value(_ v: SIMD3<Double>) -> Float {
        Float(focal[axis] * v[axis] + principal[axis] * v.z)
      }
      return (value(scaled.column0), value(scaled.column1), value(scaled.column2), value(t))
    }
    let (x, y, z) = (row(0), row(1), scaled.transpose.column2)
    let largest = max(abs(scale.x), abs(scale.y), abs(scale.z))
    let turn = instance.worldFromMesh.rotation.normalized.matrix
    // The inverse transpose, times a factor that keeps it near 1.
    let normals = Matrix3(
      columns: turn.column0 * (largest / scale.x), turn.column1 * (largest / scale.y),
      turn.column2 * (largest / scale.z))
    let isMirrored = (scale.x < 0) != ((scale.y < 0) != (scale.z < 0))
    return unsafe kernels_placement(
      mesh: shape,
      image_from_mesh: (
        x.0, x.1, x.2, x.3, y.0, y.1, y.2, y.3, Float(z.x), Float(z.y), Float(z.z), Float(t.z)
      ),
      eye_in_mesh: triple(viewFromMesh.inverse.translation / scale),
      radius_scale: Float(largest), world_from_mesh_normal: rows(normals),
      albedo: triple(SIMD3<Double>(instance.colourSRGB ?? instance.mesh.mesh.colourSRGB)),
      ambient: triple(SIMD3<Double>(light.ambient)), sun: triple(SIMD3<Double>(light.sun)),
      instance: instance.instanceID, mirrored: isMirrored ? 1 : 0,
      one_sided: showsOutsideOnly(instance, depthFromMesh: z, t.z) ? 1 : 0)
  }

  /// Whether the inside of a mesh is left out: because it was asked for, or because the mesh is
  /// closed and its box lies wholly beyond the near plane, so that the eye is outside.
  private func showsOutsideOnly(
    _ instance: MeshInstance, depthFromMesh z: SIMD3<Double>, _ depthOfOrigin: Double
  ) -> Bool {
    guard instance.mesh.sides == nil else { return instance.mesh.sides == .outside }
    guard instance.mesh.isClosed else { return false }
    let box = instance.mesh.bounds
    let nearest = pointwiseMin(z * box.minimum, z * box.maximum).sum() + depthOfOrigin
    return nearest >= Double(kernel.near)
  }
}
