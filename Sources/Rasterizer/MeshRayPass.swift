// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Meshes
import Parallel
import Splats

/// The kernels' memory for the meshes that rays see, and the passes over it up to the tiles.
///
/// As `MeshPass`, but triangles stand in the view and are listed by the blocks of pixels whose rays
/// may meet them.
@safe
final class MeshRayPass {
  private let threadCount: Int
  /// What is placed; keeps the meshes' memory alive.
  private var instances: [MeshInstance] = []
  private var shapes = unsafe Scratch<kernels_mesh>()
  private(set) var placements = unsafe Scratch<kernels_placement>()
  private(set) var view = kernels_mesh_view()
  private var work = Scratch<kernels_work>()
  private(set) var triangles = Scratch<kernels_triangle>()
  private(set) var rayTriangles = Scratch<kernels_ray_triangle>()
  private var entries = Scratch<kernels_ray_entry>()
  private var chunks: [Chunk] = []
  private(set) var tiles = TileLists<kernels_entry>()

  /// The clusters that a thread sets up together, and what they leave.
  private struct Chunk {
    var work: Range<Int>
    var firstTriangle: Int
    var entries: Range<Int>
    var entryRoom: Int
  }

  /// The clusters that a thread sets up at a time.
  private static let clustersPerChunk = 16
  /// The entries that a chunk has room for at first; it grows to what is found to be needed.
  private static let leastRoom = 256

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Brings meshes into a view and lists their triangles by tile.
  func prepare(
    _ meshes: [MeshInstance], _ request: RenderRequest, _ rules: ViewRules, _ rays: RayPass
  ) {
    instances = meshes
    let view = MeshView(rays: request, rules: rules)
    self.view = view.kernel
    unsafe shapes.reserve(meshes.count)
    unsafe placements.reserve(meshes.count)
    let motions = rays.prepareMotions(meshes, request)
    for (index, instance) in meshes.enumerated() {
      unsafe shapes.pointer[index] = MeshPass.shape(of: instance.mesh)
      var placement = unsafe view.placement(
        of: instance, shapes.pointer + index, request.illumination)
      unsafe placement.one_sided = request.showsOutsideOnly(of: instance, rules) ? 1 : 0
      unsafe placement.motion = motions[index]
      unsafe placements.pointer[index] = placement
    }
    layOut()
    while !setUp(rays) {}
    listByTile(view.tileCount)
  }

  /// Cuts the clusters into chunks, with as much room for entries as the last picture needed.
  private func layOut() {
    let clusterCount = instances.reduce(0) { $0 + $1.mesh.clusterCount }
    work.reserve(clusterCount)
    let rooms = chunks.map(\.entryRoom)
    chunks.removeAll(keepingCapacity: true)
    var (item, triangleCount) = (0, 0)
    for (placement, instance) in instances.enumerated() {
      for cluster in 0..<instance.mesh.clusterCount {
        if item % Self.clustersPerChunk == 0 {
          let room = chunks.count < rooms.count ? rooms[chunks.count] : Self.leastRoom
          chunks.append(
            Chunk(
              work: item..<item, firstTriangle: triangleCount, entries: 0..<0, entryRoom: room))
        }
        let room = unsafe Int(instance.mesh.ranges.pointer[4 * cluster + 3])
        unsafe work.pointer[item] = kernels_work(
          placement: UInt32(placement), cluster: UInt32(cluster), room: UInt32(room))
        triangleCount += room
        item += 1
        chunks[chunks.count - 1].work = chunks[chunks.count - 1].work.lowerBound..<item
      }
    }
    triangles.reserve(triangleCount)
    rayTriangles.reserve(triangleCount)
  }

  /// Sets up the triangles of all chunks; false when the entries of some did not fit, which then
  /// have more room.
  private func setUp(_ rays: RayPass) -> Bool {
    var room = 0
    for index in chunks.indices {
      chunks[index].entries = room..<room
      room += chunks[index].entryRoom
    }
    entries.reserve(room)
    let rules = rays.rules
    unsafe chunks.withUnsafeMutableBufferPointer { chunks in
      let pass = unsafe Pass(
        memory: (
          work.pointer, placements.pointer, rays.allRays, triangles.pointer, rayTriangles.pointer,
          entries.pointer, chunks
        ))
      parallelFor(count: chunks.count, threadCount: threadCount) { index, _ in
        let (work, placements, rays, triangles, rayTriangles, entries, chunks) = unsafe pass.memory
        let chunk = unsafe chunks[index]
        let first = chunk.entries.lowerBound
        var (output, rules) = unsafe (
          kernels_ray_meshes(
            triangles: triangles + chunk.firstTriangle,
            ray_triangles: rayTriangles + chunk.firstTriangle, entries: entries + first,
            entry_room: Int32(chunk.entryRoom), entry_count: 0), rules
        )
        _ = unsafe kernels_set_up_ray_clusters(
          work + chunk.work.lowerBound, Int32(chunk.work.count), placements, rays, &rules,
          Int32(chunk.firstTriangle), &output)
        unsafe chunks[index].entries = first..<first + Int(output.entry_count)
      }
    }
    var allFit = true
    for index in chunks.indices where chunks[index].entries.count > chunks[index].entryRoom {
      // Some more, so that a slowly growing picture is not set up twice every time.
      chunks[index].entryRoom = chunks[index].entries.count * 5 / 4
      allFit = false
    }
    return allFit
  }

  /// Lists the entries by tile, each list in the order of the triangles.
  private func listByTile(_ tileCount: Int) {
    let parts = threadCount
    let chunks = chunks
    @Sendable func part(_ part: Int) -> ArraySlice<Chunk> {
      chunks[chunks.count * part / parts..<chunks.count * (part + 1) / parts]
    }
    tiles.clear(parts: parts, tileCount: tileCount)
    let counting = unsafe Pass(memory: (entries.pointer, tiles.cursors.pointer))
    parallelFor(count: parts, threadCount: parts) { index, _ in
      let (entries, counts) = unsafe counting.memory
      for chunk in part(index) {
        unsafe kernels_count_ray_entries(
          entries + chunk.entries.lowerBound, Int32(chunk.entries.count), counts + index * tileCount
        )
      }
    }
    tiles.layOut(parts: parts, tileCount: tileCount)
    let scattering = unsafe Pass(
      memory: (entries.pointer, tiles.cursors.pointer, tiles.items.pointer))
    parallelFor(count: parts, threadCount: parts) { index, _ in
      let (entries, cursors, items) = unsafe scattering.memory
      for chunk in part(index) {
        unsafe kernels_scatter_ray_entries(
          entries + chunk.entries.lowerBound, Int32(chunk.entries.count),
          cursors + index * tileCount, items)
      }
    }
  }
}
