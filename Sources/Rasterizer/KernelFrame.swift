// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Kernels
import Parallel

/// The kernels' memory for one renderer, and the passes over it.
///
/// The only file that sees the C module. One thread calls the methods, in the order of the file; a
/// pass may run its parts on several threads, each of which writes only what belongs to its part.
@safe
final class KernelFrame {
  private let threadCount: Int
  private var camera = kernels_camera()
  private var tileColumns = 0
  private(set) var tileCount = 0

  // Splats: records and boxes in the order of storage, sorted keys, and the lists of the tiles.
  private var records = Scratch<kernels_record>()
  private var boxes = Scratch<kernels_box>()
  private var keys = Scratch<UInt64>()
  private var spareKeys = Scratch<UInt64>()
  private var keysAreInSpare = false
  private(set) var visibleCount = 0
  private var splatTiles = TileLists()

  private let meshes: MeshPass

  init(threadCount: Int) {
    self.threadCount = threadCount
    meshes = MeshPass(threadCount: threadCount)
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
    let edge = Int(KERNELS_TILE)
    tileColumns = (source.width + edge - 1) / edge
    tileCount = tileColumns * ((source.height + edge - 1) / edge)
  }
}

// MARK: - Splats

extension KernelFrame {
  /// The groups that a thread projects at a time.
  private static let groupsPerChunk = 8

  /// Projects the splats of some groups; the visible ones leave records and keys.
  func project(_ splats: PackedSplats, groups: [Int]) {
    let chunkSize = Self.groupsPerChunk * PackedSplats.groupSize
    let chunkCount = (groups.count + Self.groupsPerChunk - 1) / Self.groupsPerChunk
    records.reserve(chunkCount * chunkSize)
    boxes.reserve(chunkCount * chunkSize)
    keys.reserve(chunkCount * chunkSize)
    spareKeys.reserve(chunkCount * chunkSize)
    var chunkCounts = [Int32](repeating: 0, count: chunkCount)
    let blocksPerGroup = PackedSplats.groupSize / PackedSplats.blockSize
    let blockCount = splats.geometry.count / PackedSplats.columnCount
    unsafe withColumns(of: splats) { columns in
      unsafe chunkCounts.withUnsafeMutableBufferPointer { written in
        let pass = unsafe Pass(
          memory: (
            columns, camera, records.pointer, boxes.pointer, keys.pointer, written
          ))
        parallelFor(count: chunkCount, threadCount: threadCount) { chunk, _ in
          var (columns, camera, records, boxes, keys, written) = unsafe pass.memory
          let first = chunk * Self.groupsPerChunk
          let start = Int32(chunk * chunkSize)
          var end = start
          for group in groups[first..<min(first + Self.groupsPerChunk, groups.count)] {
            let block = group * blocksPerGroup
            unsafe end += kernels_project(
              &columns, &camera, Int32(block), Int32(min(block + blocksPerGroup, blockCount)),
              end, records, boxes, keys)
          }
          unsafe written[chunk] = end - start
        }
      }
    }
    // Close the gaps between the chunks' keys; the records stay where they are.
    visibleCount = 0
    for (chunk, count) in chunkCounts.enumerated() {
      let source = unsafe keys.pointer + chunk * chunkSize
      unsafe (keys.pointer + visibleCount).update(from: source, count: Int(count))
      visibleCount += Int(count)
    }
  }

  /// Sorts the visible splats by (depth, index in the cloud), a total order.
  func sortByDepth() {
    let result = unsafe kernels_sort(keys.pointer, spareKeys.pointer, Int32(visibleCount))
    keysAreInSpare = unsafe result == spareKeys.pointer
    unsafe kernels_break_ties(result, Int32(visibleCount), records.pointer)
  }

  /// Lists the visible splats by tile, each list in the order of the sort.
  func listByTile() {
    let parts = threadCount
    splatTiles.clear(parts: parts, tileCount: tileCount)
    let order = unsafe keysAreInSpare ? spareKeys.pointer : keys.pointer
    let (count, tileCount, columns) = (visibleCount, tileCount, Int32(tileColumns))
    @Sendable func range(_ part: Int) -> (first: Int32, end: Int32) {
      (Int32(count * part / parts), Int32(count * (part + 1) / parts))
    }
    let counting = unsafe Pass(memory: (boxes.pointer, order, splatTiles.cursors.pointer))
    parallelFor(count: parts, threadCount: parts) { part, _ in
      let (first, end) = range(part)
      let (boxes, order, counts) = unsafe counting.memory
      unsafe kernels_count_tiles(boxes, order, first, end, columns, counts + part * tileCount)
    }
    splatTiles.layOut(parts: parts, tileCount: tileCount)
    let scattering = unsafe Pass(
      memory: (boxes.pointer, order, splatTiles.cursors.pointer, splatTiles.items.pointer))
    parallelFor(count: parts, threadCount: parts) { part, _ in
      let (first, end) = range(part)
      let (boxes, order, cursors, items) = unsafe scattering.memory
      unsafe kernels_scatter_tiles(
        boxes, order, first, end, columns, cursors + part * tileCount, items)
    }
  }

  private func withColumns(of splats: PackedSplats, _ body: (kernels_splats) -> Void) {
    unsafe splats.geometry.withUnsafeBytes { geometry in
      unsafe splats.rest.withUnsafeBytes { rest in
        unsafe splats.sourceIndices.withUnsafeBufferPointer { sources in
          unsafe splats.instances.withUnsafeBufferPointer { instances in
            // No splat, no address: nothing to project.
            guard let first = geometry.baseAddress, let source = sources.baseAddress else { return }
            unsafe body(
              kernels_splats(
                count: Int32(splats.count), rest_count: Int32(splats.restCount),
                geometry: first.assumingMemoryBound(to: Float.self),
                rest: rest.baseAddress?.assumingMemoryBound(to: Float.self),
                source_indices: source,
                instances: splats.instances.isEmpty ? nil : instances.baseAddress))
          }
        }
      }
    }
  }
}

// MARK: - Meshes

extension KernelFrame {
  /// Brings the visible meshes onto the image and lists their triangles by tile.
  func setMeshes(_ visible: [MeshInstance], _ request: RenderRequest, _ rules: ViewRules) {
    let view = MeshView(
      camera: request.camera, cameraFromWorld: request.cameraFromWorld, rules: rules)
    meshes.prepare(visible, in: view, request.illumination)
  }

  /// Whether a mesh's triangle may cover a pixel of the tile.
  func meshTouches(tile: Int) -> Bool {
    meshes.tiles.starts[tile] < meshes.tiles.starts[tile + 1]
  }
}

// MARK: - Tiles

extension KernelFrame {
  /// Draws some tiles into the images that the request wants.
  func draw(
    tiles: [Int], _ request: RenderRequest, tracksInstances: Bool, to target: inout Rendering
  ) {
    let light = request.illumination
    let scene = unsafe kernels_scene(
      records: records.pointer, boxes: boxes.pointer, triangles: meshes.triangles.pointer,
      triangle_boxes: meshes.boxes.pointer, placements: meshes.placements.pointer,
      mesh_view: meshes.view,
      world_from_camera: rows(request.cameraFromWorld.rotation.normalized.matrix.transpose),
      sun_direction: triple(normalize(SIMD3<Double>(light.sunDirection))),
      background: triple(SIMD3<Double>(request.backgroundSRGB)),
      exposure: light.exposure, track_instances: tracksInstances ? 1 : 0)
    unsafe withImages(of: &target) { images in
      let pass = unsafe Pass(
        memory: (scene, camera, images, splatTiles.items.pointer, meshes.tiles.items.pointer))
      let (splatStarts, triangleStarts) = (splatTiles.starts, meshes.tiles.starts)
      let columns = tileColumns
      parallelFor(count: tiles.count, threadCount: threadCount) { index, _ in
        let tile = tiles[index]
        var (scene, camera, images, splats, triangles) = unsafe pass.memory
        unsafe kernels_draw_tile(
          &scene, &camera, list(splats, splatStarts, tile), list(triangles, triangleStarts, tile),
          Int32(tile % columns), Int32(tile / columns), &images)
      }
    }
  }

  private func withImages(
    of target: inout Rendering, _ body: (kernels_images) -> Void
  ) {
    unsafe target.colour.bytes.withUnsafeMutableBufferPointer { colour in
      unsafe target.alpha.values.withUnsafeMutableBufferPointer { alpha in
        unsafe target.depth.values.withUnsafeMutableBufferPointer { depth in
          unsafe target.instances.ids.withUnsafeMutableBufferPointer { instances in
            unsafe target.floatColour.withUnsafeMutableBufferPointer { floats in
              guard let colours = colour.baseAddress, let alphas = alpha.baseAddress else { return }
              unsafe body(
                kernels_images(
                  colour: colours, alpha: alphas, depth: depth.isEmpty ? nil : depth.baseAddress,
                  instances: instances.isEmpty ? nil : instances.baseAddress,
                  float_colour: floats.isEmpty ? nil : floats.baseAddress))
            }
          }
        }
      }
    }
  }
}

// MARK: - Values for C

private func list(
  _ items: UnsafeMutablePointer<UInt32>, _ starts: [Int], _ tile: Int
) -> kernels_list {
  unsafe kernels_list(
    first: items + starts[tile], count: Int32(starts[tile + 1] - starts[tile]))
}

private func pair(_ v: SIMD2<Double>) -> (Float, Float) { (Float(v.x), Float(v.y)) }

func triple(_ v: SIMD3<Double>) -> (Float, Float, Float) {
  (Float(v.x), Float(v.y), Float(v.z))
}

func rows(_ m: Matrix3) -> (Float, Float, Float, Float, Float, Float, Float, Float, Float) {
  let (a, b, c) = (m.column0, m.column1, m.column2)
  return (
    Float(a.x), Float(b.x), Float(c.x), Float(a.y), Float(b.y), Float(c.y), Float(a.z),
    Float(b.z), Float(c.z)
  )
}
