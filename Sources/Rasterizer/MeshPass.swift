// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Meshes
import Parallel
import Splats

/// The kernels' memory for the meshes of one view, and the passes over it up to the tiles.
///
/// One thread calls the methods; a pass may run its parts on several threads, each of which writes
/// only what belongs to its part. Triangles lie in the order of placements, clusters and triangles
/// of a cluster, whatever the number of threads.
@safe
final class MeshPass {
  private let threadCount: Int
  /// What is placed; keeps the meshes' memory alive.
  private var instances: [MeshInstance] = []
  private var shapes = unsafe Scratch<kernels_mesh>()
  private(set) var placements = unsafe Scratch<kernels_placement>()
  private(set) var view = kernels_mesh_view()
  private var work = Scratch<kernels_work>()
  private(set) var triangles = Scratch<kernels_triangle>()
  private(set) var boxes = Scratch<kernels_box>()
  /// What each chunk of the work left: first triangle and end.
  private var chunks: [Range<Int>] = []
  private(set) var tiles = TileLists<UInt32>()

  /// The clusters that a thread sets up at a time.
  private static let clustersPerChunk = 16

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Brings meshes onto the image of a view and lists their triangles by tile; without a light
  /// they are not to be shaded.
  func prepare(_ meshes: [MeshInstance], in view: MeshView, _ illumination: Illumination?) {
    instances = meshes
    self.view = view.kernel
    unsafe shapes.reserve(meshes.count)
    unsafe placements.reserve(meshes.count)
    for (index, instance) in meshes.enumerated() {
      unsafe shapes.pointer[index] = Self.shape(of: instance.mesh)
      unsafe placements.pointer[index] = view.placement(
        of: instance, shapes.pointer + index, illumination)
    }
    let workCount = cull()
    setUp(workCount)
    listByTile(view.tileColumns, view.tileCount)
  }

  /// Whether a triangle may cover a pixel of the tile.
  func touches(tile: Int) -> Bool { tiles.starts[tile] < tiles.starts[tile + 1] }

  static func shape(of mesh: PackedMesh) -> kernels_mesh {
    var texture = unsafe kernels_texture()
    if let packed = mesh.texture {
      unsafe texture = kernels_texture(
        texels: packed.texels.pointer, first_texels: packed.firstTexels.pointer,
        coordinates: mesh.textureCoordinates.pointer,
        level_count: Int32(packed.firstTexels.count), width: Int32(packed.width),
        height: Int32(packed.height), wrap_u: packed.wrapU.rawValue, wrap_v: packed.wrapV.rawValue,
        cutoff: packed.cutoff)
    }
    return unsafe kernels_mesh(
      cluster_count: Int32(mesh.clusterCount), spheres: mesh.spheres.pointer,
      cones: mesh.cones.pointer, ranges: mesh.ranges.pointer, positions: mesh.positions.pointer,
      normals: mesh.normals.count == 0 ? nil : mesh.normals.pointer, corners: mesh.corners.pointer,
      texture: texture)
  }

  /// Lists the clusters that may be seen and returns how many.
  private func cull() -> Int {
    work.reserve(instances.reduce(0) { $0 + $1.mesh.clusterCount })
    var count = 0
    for index in instances.indices {
      unsafe count += Int(
        kernels_cull_clusters(
          placements.pointer + index, UInt32(index), &view, work.pointer + count))
    }
    return count
  }

  /// Sets up the triangles of the listed clusters.
  private func setUp(_ workCount: Int) {
    let size = Self.clustersPerChunk
    let chunkCount = (workCount + size - 1) / size
    chunks.removeAll(keepingCapacity: true)
    var room = 0
    for chunk in 0..<chunkCount {
      chunks.append(room..<room)
      for item in chunk * size..<min((chunk + 1) * size, workCount) {
        room += unsafe Int(work.pointer[item].room)
      }
    }
    triangles.reserve(room)
    boxes.reserve(room)
    unsafe chunks.withUnsafeMutableBufferPointer { chunks in
      let pass = unsafe Pass(
        memory: (
          work.pointer, placements.pointer, view, triangles.pointer, boxes.pointer, chunks
        ))
      parallelFor(count: chunkCount, threadCount: threadCount) { chunk, _ in
        var (work, placements, view, triangles, boxes, chunks) = unsafe pass.memory
        let first = unsafe chunks[chunk].lowerBound
        let count = unsafe kernels_set_up_clusters(
          work + chunk * size, Int32(min(size, workCount - chunk * size)), placements, &view,
          triangles + first, boxes + first)
        unsafe chunks[chunk] = first..<first + Int(count)
      }
    }
  }

  /// Lists the triangles by tile, each list in the order of the triangles.
  private func listByTile(_ tileColumns: Int, _ tileCount: Int) {
    let parts = threadCount
    let chunks = chunks
    @Sendable func range(_ part: Int) -> ArraySlice<Range<Int>> {
      chunks[chunks.count * part / parts..<chunks.count * (part + 1) / parts]
    }
    tiles.clear(parts: parts, tileCount: tileCount)
    let counting = unsafe Pass(memory: (boxes.pointer, tiles.cursors.pointer))
    parallelFor(count: parts, threadCount: parts) { part, _ in
      let (boxes, counts) = unsafe counting.memory
      for chunk in range(part) {
        unsafe kernels_count_triangles(
          boxes, Int32(chunk.lowerBound), Int32(chunk.upperBound), Int32(tileColumns),
          counts + part * tileCount)
      }
    }
    tiles.layOut(parts: parts, tileCount: tileCount)
    let scattering = unsafe Pass(
      memory: (boxes.pointer, tiles.cursors.pointer, tiles.items.pointer))
    parallelFor(count: parts, threadCount: parts) { part, _ in
      let (boxes, cursors, items) = unsafe scattering.memory
      for chunk in range(part) {
        unsafe kernels_scatter_triangles(
          boxes, Int32(chunk.lowerBound), Int32(chunk.upperBound), Int32(tileColumns),
          cursors + part * tileCount, items)
      }
    }
  }
}

/// The kernels' memory for the meshes of one view at several places in each pixel.
///
/// What is between two places is cut, culled and set up for each: the same code as for the centres,
/// and the same rules of who owns an edge.
@safe
final class MeshSamples {
  private let threadCount: Int
  private var passes: [MeshPass] = []
  private var isEmpty = true

  /// The places in a pixel, counted from its centre on: each in a column and a row of its own.
  static let offsets: [SIMD2<Double>] = [
    SIMD2(-0.125, -0.375), SIMD2(0.375, -0.125), SIMD2(-0.375, 0.125), SIMD2(0.125, 0.375),
  ]

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Forgets the meshes.
  func clear() { isEmpty = true }

  /// Brings meshes onto the image at each of the places.
  func prepare(_ meshes: [MeshInstance], _ request: RenderRequest, _ rules: ViewRules) {
    isEmpty = meshes.isEmpty
    guard !isEmpty else { return }
    for (index, offset) in Self.offsets.enumerated() {
      if index == passes.count { passes.append(MeshPass(threadCount: threadCount)) }
      let view = MeshView(
        camera: request.camera, cameraFromWorld: request.cameraFromWorld, rules: rules,
        offset: offset)
      passes[index].prepare(meshes, in: view, request.illumination)
    }
  }

  /// Whether a triangle may cover one of the places of a tile's pixels.
  func touches(tile: Int) -> Bool { !isEmpty && passes.contains { $0.touches(tile: tile) } }

  /// What a tile sees at the places; nothing where no mesh touches it.
  @unsafe
  func kernelSamples(ofTile tile: Int) -> [kernels_mesh_sample] {
    guard touches(tile: tile) else { return unsafe [] }
    return unsafe zip(passes, Self.offsets).map { pass, offset in
      let (first, end) = (pass.tiles.starts[tile], pass.tiles.starts[tile + 1])
      return unsafe kernels_mesh_sample(
        triangles: pass.triangles.pointer, triangle_boxes: pass.boxes.pointer,
        placements: pass.placements.pointer, list: pass.tiles.items.pointer + first,
        count: Int32(end - first), offset: pair(offset))
    }
  }
}
