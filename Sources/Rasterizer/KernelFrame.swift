// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Kernels
import Meshes
import Parallel

/// The kernels' memory for one renderer, and the passes over it.
///
/// With `SplatPass`, all that sees the C module. One thread calls the methods, in the order of the file; a
/// pass may run its parts on several threads, each of which writes only what belongs to its part.
@safe
final class KernelFrame {
  private let threadCount: Int
  private var camera = kernels_camera()
  private var tileColumns = 0
  private(set) var tileCount = 0

  /// The splats that are seen, and which tile sees them.
  private let splats: SplatPass

  // Meshes: what stands where, its vertices one mesh at a time, and the triangles' lists.
  private var placements: [kernels_placement] = []
  private var vertices = Scratch<kernels_vertex>()
  private var triangles = Scratch<kernels_triangle>()
  private var triangleBoxes = Scratch<kernels_box>()
  private var triangleTiles = TileLists<UInt32>()

  init(threadCount: Int) {
    self.threadCount = threadCount
    splats = SplatPass(threadCount: threadCount)
  }

  /// The instruction set that the kernels run on, such as "AVX3".
  static var targetName: String { unsafe String(cString: kernels_target_name()) }

  /// Sets the camera of the passes that follow.
  func setCamera(_ request: RenderRequest, _ rules: ViewRules) {
    let source = request.camera
    let pose = request.cameraFromWorld
    camera.rotation = rows(pose.rotation.normalized.matrix)
    camera.translation = triple(pose.translation)
    camera.eye = triple(pose.inverse.translation)
    camera.focal = pair(source.focalLengthPixels)
    camera.principal = pair(source.principalPoint)
    camera.minimum_slope = pair(rules.minimumSlope)
    camera.maximum_slope = pair(rules.maximumSlope)
    camera.near = rules.near
    camera.far = rules.far
    camera.mesh_near = rules.meshNear
    camera.maximum_alpha = rules.maximumAlpha
    camera.minimum_transmittance = rules.minimumTransmittance
    camera.width = Int32(source.width)
    camera.height = Int32(source.height)
    camera.square_extent = rules.hasSquareExtent ? 1 : 0
    camera.antialiased = request.isAntialiased ? 1 : 0
    let edge = Int(KERNELS_TILE)
    tileColumns = (source.width + edge - 1) / edge
    tileCount = tileColumns * ((source.height + edge - 1) / edge)
  }
}

// MARK: - Splats

extension KernelFrame {
  /// Projects the splats of some groups; the visible ones leave records and keys.
  func project(_ packed: PackedSplats, groups: [Int]) { splats.project(packed, groups, camera) }

  /// Sorts the visible splats by (depth, index in the cloud), a total order.
  func sortByDepth() { splats.sortByDepth() }

  /// Lists the visible splats by tile, each list in the order of the sort.
  func listByTile() { splats.listByTile(tileCount: tileCount, tileColumns: tileColumns) }
}

// MARK: - Meshes

extension KernelFrame {
  /// The most triangles that clipping one can leave.
  private static let fanLimit = 6

  /// Brings the visible meshes onto the image and lists their triangles by tile.
  func setMeshes(_ meshes: [MeshInstance], _ request: RenderRequest) {
    placements = meshes.map { Self.placement($0, request) }
    let capacity = meshes.reduce(0) { $0 + $1.mesh.mesh.triangleCount }
    triangles.reserve(capacity * Self.fanLimit)
    triangleBoxes.reserve(capacity * Self.fanLimit)
    var count = 0
    for (index, instance) in meshes.enumerated() {
      let mesh = instance.mesh.mesh
      guard mesh.triangleCount > 0 else { continue }
      vertices.reserve(mesh.positions.count)
      unsafe withUnsafePointers(to: mesh, placements[index]) { shape, placement in
        unsafe kernels_transform_vertices(shape, placement, &camera, vertices.pointer)
        unsafe count += Int(
          kernels_set_up_triangles(
            shape, placement, UInt32(index), vertices.pointer, &camera,
            triangles.pointer + count, triangleBoxes.pointer + count))
      }
    }
    triangleTiles.clear(parts: 1, tileCount: tileCount)
    unsafe kernels_count_triangles(
      triangleBoxes.pointer, Int32(count), Int32(tileColumns), triangleTiles.cursors.pointer)
    triangleTiles.layOut(parts: 1, tileCount: tileCount)
    unsafe kernels_scatter_triangles(
      triangleBoxes.pointer, Int32(count), Int32(tileColumns), triangleTiles.cursors.pointer,
      triangleTiles.items.pointer)
  }

  /// Whether a mesh's triangle may cover a pixel of the tile.
  func meshTouches(tile: Int) -> Bool {
    triangleTiles.starts[tile] < triangleTiles.starts[tile + 1]
  }

  private func withUnsafePointers(
    to mesh: TriangleMesh, _ placement: kernels_placement,
    _ body: (UnsafePointer<kernels_mesh>, UnsafePointer<kernels_placement>) -> Void
  ) {
    unsafe mesh.positions.withUnsafeBytes { positions in
      unsafe mesh.normals.withUnsafeBytes { normals in
        unsafe mesh.indices.withUnsafeBufferPointer { indices in
          guard let points = positions.baseAddress, let first = indices.baseAddress else { return }
          let shape = unsafe kernels_mesh(
            vertex_count: Int32(mesh.positions.count), triangle_count: Int32(mesh.triangleCount),
            positions: points.assumingMemoryBound(to: Float.self),
            normals: mesh.normals.isEmpty
              ? nil : normals.baseAddress?.assumingMemoryBound(to: Float.self),
            indices: first)
          unsafe withUnsafePointer(to: shape) { shape in
            unsafe withUnsafePointer(to: placement) { placement in
              unsafe body(shape, placement)
            }
          }
        }
      }
    }
  }

  private static func placement(
    _ instance: MeshInstance, _ request: RenderRequest
  ) -> kernels_placement {
    precondition(
      instance.scale.x * instance.scale.y * instance.scale.z != 0, "a mesh's scale is not zero")
    let light = request.illumination
    let scale = SIMD3<Double>(instance.scale)
    let cameraFromMesh = request.cameraFromWorld * instance.worldFromMesh
    let axes = cameraFromMesh.rotation.normalized.matrix
    let (x, y, z) = (axes.column0 * scale.x, axes.column1 * scale.y, axes.column2 * scale.z)
    let t = cameraFromMesh.translation
    let meshFromWorld = instance.worldFromMesh.rotation.normalized.conjugate
    let sun = meshFromWorld.rotate(normalize(SIMD3<Double>(light.sunDirection)))
    return kernels_placement(
      camera_from_mesh: (
        Float(x.x), Float(y.x), Float(z.x), Float(t.x), Float(x.y), Float(y.y), Float(z.y),
        Float(t.y), Float(x.z), Float(y.z), Float(z.z), Float(t.z)
      ),
      sun_in_mesh: triple(sun), reciprocal_scale: triple(1 / scale),
      albedo: triple(SIMD3<Double>(instance.colourSRGB ?? instance.mesh.mesh.colourSRGB)),
      ambient: triple(SIMD3<Double>(light.ambient)), sun: triple(SIMD3<Double>(light.sun)),
      instance: instance.instanceID, mirrored: scale.x * scale.y * scale.z < 0 ? 1 : 0)
  }
}

// MARK: - Tiles

extension KernelFrame {
  /// Draws some tiles into the images that the request wants.
  func draw(
    tiles: [Int], _ request: RenderRequest, tracksInstances: Bool, to target: inout Rendering
  ) {
    let wanted = Int32(request.classes.count)
    unsafe placements.withUnsafeBufferPointer { placements in
      unsafe request.classes.withUnsafeBufferPointer { classes in
        let scene = unsafe kernels_scene(
          records: splats.records.pointer, triangles: triangles.pointer,
          triangle_boxes: triangleBoxes.pointer, placements: placements.baseAddress,
          background: triple(SIMD3<Double>(request.backgroundSRGB)),
          exposure: request.illumination.exposure, track_instances: tracksInstances ? 1 : 0,
          class_count: wanted, classes: classes.baseAddress)
        unsafe withImages(of: &target) { images in
          let pass = unsafe Pass(
            memory: (scene, camera, images, splats.tiles.items.pointer, triangleTiles.items.pointer)
          )
          let (splatStarts, triangleStarts) = (splats.tiles.starts, triangleTiles.starts)
          let columns = tileColumns
          parallelFor(count: tiles.count, threadCount: threadCount) { index, _ in
            let tile = tiles[index]
            var (scene, camera, images, splats, triangles) = unsafe pass.memory
            let (first, end) = (splatStarts[tile], splatStarts[tile + 1])
            let (firstTriangle, endTriangle) = (triangleStarts[tile], triangleStarts[tile + 1])
            unsafe kernels_draw_tile(
              &scene, &camera, kernels_entries(first: splats + first, count: Int32(end - first)),
              kernels_list(
                first: triangles + firstTriangle, count: Int32(endTriangle - firstTriangle)),
              Int32(tile % columns), Int32(tile / columns), &images)
          }
        }
      }
    }
  }

  private func withImages(of target: inout Rendering, _ body: (kernels_images) -> Void) {
    unsafe target.colour.bytes.withPointer { colour in
      unsafe target.alpha.values.withPointer { alpha in
        unsafe target.floatColour.withPointer { floats in
          unsafe withPointers(&target.depth, &target.medianDepth, &target.firstDepth) { depths in
            unsafe withPointers(&target.instances, &target.semantics, &target.coverage) { labels in
              unsafe target.normals.values.withPointer { normals in
                guard let colour = unsafe colour, let alpha = unsafe alpha else { return }
                unsafe body(
                  kernels_images(
                    colour: colour, alpha: alpha, depth: depths.0, median_depth: depths.1,
                    first_depth: depths.2, normals: normals, instances: labels.0,
                    coverage: labels.2, semantics: labels.1, float_colour: floats))
              }
            }
          }
        }
      }
    }
  }

  private typealias Pointer<Element> = UnsafeMutablePointer<Element>?

  private func withPointers(
    _ a: inout ScalarImage, _ b: inout ScalarImage, _ c: inout ScalarImage,
    _ body: (_ values: (Pointer<Float>, Pointer<Float>, Pointer<Float>)) -> Void
  ) {
    unsafe a.values.withPointer { a in
      unsafe b.values.withPointer { b in
        unsafe c.values.withPointer { c in unsafe body((a, b, c)) }
      }
    }
  }

  private func withPointers(
    _ a: inout LabelImage, _ b: inout LabelImage, _ c: inout ScalarImage,
    _ body: (_ values: (Pointer<UInt32>, Pointer<UInt32>, Pointer<Float>)) -> Void
  ) {
    unsafe a.ids.withPointer { a in
      unsafe b.ids.withPointer { b in
        unsafe c.values.withPointer { c in unsafe body((a, b, c)) }
      }
    }
  }
}

extension Array {
  /// Lends the elements' address, nil for an empty array, which stands for an image not wanted.
  fileprivate mutating func withPointer(_ body: (UnsafeMutablePointer<Element>?) -> Void) {
    unsafe withUnsafeMutableBufferPointer { unsafe body($0.isEmpty ? nil : $0.baseAddress) }
  }
}

// MARK: - Values for C

private func pair(_ v: SIMD2<Double>) -> (Float, Float) { (Float(v.x), Float(v.y)) }

private func triple(_ v: SIMD3<Double>) -> (Float, Float, Float) {
  (Float(v.x), Float(v.y), Float(v.z))
}

private func rows(_ m: Matrix3) -> (Float, Float, Float, Float, Float, Float, Float, Float, Float) {
  let (a, b, c) = (m.column0, m.column1, m.column2)
  return (
    Float(a.x), Float(b.x), Float(c.x), Float(a.y), Float(b.y), Float(c.y), Float(a.z),
    Float(b.z), Float(c.z)
  )
}
