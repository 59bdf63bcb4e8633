// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Kernels
import Meshes

/// An image that meshes are drawn onto, and the projection that leads there.
@safe
struct MeshView {
  let kernel: kernels_mesh_view
  let tileColumns: Int
  let tileCount: Int
  private let viewFromWorld: RigidTransform
  /// Pixels; of parallel rays pixels a metre.
  private let focal: SIMD2<Double>
  private let principal: SIMD2<Double>

  /// The view of a camera, at a place in each pixel, counted from its centre on.
  init(
    camera: Camera, cameraFromWorld: RigidTransform, rules: ViewRules,
    offset: SIMD2<Double> = .zero
  ) {
    let (focal, principal) = (camera.focalLengthPixels, camera.principalPoint - offset)
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

  /// The view of rays: the camera's own frame, metres.
  init(rays request: RenderRequest, rules: ViewRules) {
    let edge = Int(KERNELS_TILE)
    kernel = kernels_mesh_view(
      reach: (1, 1, 1, 1), near: rules.meshNear, far: rules.far,
      width: Int32(request.camera.width), height: Int32(request.camera.height), parallel: 0)
    tileColumns = (request.camera.width + edge - 1) / edge
    tileCount = tileColumns * ((request.camera.height + edge - 1) / edge)
    viewFromWorld = request.cameraFromWorld
    focal = SIMD2(1, 1)
    principal = .zero
  }

  /// The view along parallel rays, the z axis of a frame, of a square around the frame's origin.
  ///
  /// Depths are counted from `halfEdge` before the origin on.
  init(parallelTo viewFromWorld: RigidTransform, halfEdge: Double, size: Int) {
    let scale = Double(size) / (2 * halfEdge)
    let reach = Float(scale)
    kernel = kernels_mesh_view(
      reach: (reach, reach, reach, reach), near: 0, far: Float(2 * halfEdge), width: Int32(size),
      height: Int32(size), parallel: 1)
    let edge = Int(KERNELS_TILE)
    tileColumns = (size + edge - 1) / edge
    tileCount = tileColumns * tileColumns
    var shifted = viewFromWorld
    shifted.translation.z += halfEdge
    self.viewFromWorld = shifted
    focal = SIMD2(scale, scale)
    principal = SIMD2(Double(size) / 2, Double(size) / 2)
  }

  /// The transform from the world to x and y, pixels, and depth, metres: [3 x 4], row-major.
  ///
  /// Only of parallel rays.
  var imageFromWorld: [Float] {
    precondition(kernel.parallel == 1, "a perspective is no such transform")
    let (turn, t) = (viewFromWorld.rotation.normalized.matrix.transpose, viewFromWorld.translation)
    let rows = [
      (turn.column0, focal.x, principal.x + focal.x * t.x),
      (turn.column1, focal.y, principal.y + focal.y * t.y), (turn.column2, 1, t.z),
    ]
    return rows.flatMap { row, scale, shift in
      [Float(scale * row.x), Float(scale * row.y), Float(scale * row.z), Float(shift)]
    }
  }

  /// Places a mesh in the view, in some light; without one it is not to be shaded.
  func placement(
    of instance: MeshInstance, _ shape: UnsafePointer<kernels_mesh>, _ light: Illumination?
  ) -> kernels_placement {
    let scale = SIMD3<Double>(instance.scale)
    // Each by itself: the product of three small factors may be zero.
    precondition(scale.x != 0 && scale.y != 0 && scale.z != 0, "a mesh's scale is not zero")
    let viewFromMesh = viewFromWorld * instance.worldFromMesh
    let axes = viewFromMesh.rotation.normalized.matrix
    let scaled = Matrix3(
      columns: axes.column0 * scale.x, axes.column1 * scale.y, axes.column2 * scale.z)
    let t = viewFromMesh.translation
    let isParallel = kernel.parallel == 1
    func row(_ axis: Int) -> (Float, Float, Float, Float) {
      // Along parallel rays the principal point does not grow with depth.
      func value(_ v: SIMD3<Double>, _ one: Double) -> Float {
        Float(focal[axis] * v[axis] + principal[axis] * (isParallel ? one : v.z))
      }
      return (
        value(scaled.column0, 0), value(scaled.column1, 0), value(scaled.column2, 0), value(t, 1)
      )
    }
    let (x, y, z) = (row(0), row(1), scaled.transpose.column2)
    let isMirrored = (scale.x < 0) != ((scale.y < 0) != (scale.z < 0))
    let rays = normalize(axes.transpose.column2 / scale)
    var placement = unsafe kernels_placement()
    unsafe placement.mesh = shape
    unsafe placement.image_from_mesh = (
      x.0, x.1, x.2, x.3, y.0, y.1, y.2, y.3, Float(z.x), Float(z.y), Float(z.z), Float(t.z)
    )
    unsafe placement.eye_in_mesh = triple(
      isParallel ? rays : viewFromMesh.inverse.translation / scale)
    unsafe placement.radius_scale = Float(max(abs(scale.x), abs(scale.y), abs(scale.z)))
    unsafe placement.instance = instance.instanceID
    unsafe placement.mirrored = isMirrored ? 1 : 0
    unsafe placement.one_sided = showsOutsideOnly(instance, depthFromMesh: z, t.z) ? 1 : 0
    if let light { unsafe Self.setLook(of: instance, in: light, &placement) }
    return unsafe placement
  }

  /// Fills in what shading needs.
  private static func setLook(
    of instance: MeshInstance, in light: Illumination, _ placement: inout kernels_placement
  ) {
    let scale = SIMD3<Double>(instance.scale)
    let largest = max(abs(scale.x), abs(scale.y), abs(scale.z))
    let turn = instance.worldFromMesh.rotation.normalized.matrix
    // The inverse transpose, times a factor that keeps it near 1.
    let normals = Matrix3(
      columns: turn.column0 * (largest / scale.x), turn.column1 * (largest / scale.y),
      turn.column2 * (largest / scale.z))
    let material = instance.material
    let colour = SIMD3<Double>(instance.colourSRGB ?? instance.mesh.mesh.colourSRGB)
    let albedo = SIMD3(
      SRGB.exactDecode(colour.x), SRGB.exactDecode(colour.y), SRGB.exactDecode(colour.z))
    unsafe placement.world_from_mesh_normal = rows(normals)
    unsafe placement.albedo = triple(albedo)
    unsafe placement.metallic = material.metallic
    unsafe placement.roughness = material.roughness
    unsafe placement.specular = material.specular
    let mirrored = light.sky.polynomial(
      shares: EnvironmentLight.shares(roughness: Double(material.roughness)))
    unsafe withUnsafeMutableBytes(of: &placement.sky_reflection) { target in
      unsafe mirrored.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }

  /// Whether the inside of a mesh is left out: because it was asked for, or because the mesh is
  /// closed and its box lies wholly beyond the near plane, so that the eye is outside.
  private func showsOutsideOnly(
    _ instance: MeshInstance, depthFromMesh z: SIMD3<Double>, _ depthOfOrigin: Double
  ) -> Bool {
    guard instance.mesh.sides == nil else { return instance.mesh.sides == .outside }
    guard instance.mesh.isClosed else { return false }
    guard kernel.parallel == 0 else { return true }
    let box = instance.mesh.bounds
    let nearest = pointwiseMin(z * box.minimum, z * box.maximum).sum() + depthOfOrigin
    return nearest >= Double(kernel.near)
  }
}
