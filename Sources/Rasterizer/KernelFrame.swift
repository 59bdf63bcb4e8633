// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Kernels
import Meshes
import Parallel
import Splats

/// The kernels' memory for one renderer, and the passes over it.
///
/// With `SplatPass`, `RayPass`, `MeshPass` and `BackwardPass`, all that sees the C module. One
/// thread calls the methods, in the order of the file; a pass may run its parts on several threads,
/// each of which writes only what belongs to its part.
@safe
final class KernelFrame {
  private let threadCount: Int
  private var camera = kernels_camera()
  /// The camera as each part of the splats sees it.
  private var views: [kernels_camera] = []
  private var grid = kernels_grid()
  private var regionCount = 0
  /// The tiles of the image.
  var tileCount: Int { Int(grid.tile_count) }

  private var tracksInstances = false

  /// The splats that are seen, and which tile sees them.
  private let splats: SplatPass

  /// The rays by which pixels see, when they do.
  private let rays: RayPass
  private var isSeenByRays = false

  /// The meshes that are seen, and which tile sees them.
  private let meshes: MeshPass
  private let rayMeshes: MeshRayPass
  /// The same as `meshes` at several places in each pixel, where edges are softened.
  private let samples: MeshSamples

  /// What the meshes keep light from.
  let shadows: ShadowPass
  private var hasShadows = false
  private var shadowedTiles: [Bool] = []
  /// [tiles x KERNELS_SUMS x 256] of a camera that stands still, tile by tile.
  private var sums = Scratch<Float>()

  /// The way back to the splats' gradients.
  private let backward: BackwardPass

  /// How often pixels and splats met in each tile that was drawn last, if that is counted.
  let meetings = MeetingCount()

  init(threadCount: Int, shadows: ShadowPass?) {
    self.threadCount = threadCount
    splats = SplatPass(threadCount: threadCount)
    rays = RayPass(threadCount: threadCount)
    meshes = MeshPass(threadCount: threadCount)
    self.shadows = shadows ?? ShadowPass(threadCount: threadCount)
    rayMeshes = MeshRayPass(threadCount: threadCount)
    samples = MeshSamples(threadCount: threadCount)
    backward = BackwardPass(threadCount: threadCount)
  }

  /// The instruction set that the kernels run on, such as "AVX3".
  static var targetName: String { unsafe String(cString: kernels_target_name()) }

  /// Uses no better instruction set than the one named; false when there is no such one here.
  static func useTarget(named name: String) -> Bool { unsafe kernels_use_target(name) != 0 }

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
    let region = Int(KERNELS_REGION)
    let (columns, rows) = ((source.width + edge - 1) / edge, (source.height + edge - 1) / edge)
    let regionColumns = (columns + region - 1) / region
    regionCount = regionColumns * ((rows + region - 1) / region)
    grid = kernels_grid(
      tile_columns: Int32(columns), tile_count: Int32(columns * rows),
      region_columns: Int32(regionColumns))
    isSeenByRays = request.isSeenByRays
    if isSeenByRays { rays.prepare(request) }
  }
}

// MARK: - Splats

extension KernelFrame {
  /// Projects the splats of some groups; the visible ones leave records and keys.
  func project(_ parts: [PlacedSplats], groups: [GroupPlace], _ pose: RigidTransform) {
    tracksInstances = parts.contains { $0.splats.instances.count > 0 }
    let eye = pose.inverse.translation
    views = parts.map { part in
      var view = camera
      view.translation = triple(pose * part.origin)
      view.eye = triple(eye - part.origin)
      view.antialiased = part.splats.isAntialiased ? 1 : 0
      return view
    }
    splats.project(parts, groups, views, isSeenByRays ? rays : nil)
  }

  /// The splats that a budget left out of the picture: indices in the cloud, counted on from part
  /// to part, ascending.
  var droppedSplats: [UInt32] { splats.dropped }

  /// Sorts the visible splats by (depth, part, index in the cloud), a total order; of more than
  /// the budget only those that weigh most.
  func sortByDepth(budget: Int?) {
    splats.keep(budget: budget)
    splats.sortByDepth()
  }

  /// The visible splats, near to far.
  var seenSplats: [SeenSplat] { splats.seen }

  /// Lists the visible splats by tile, each list in the order of the sort.
  func listByTile() { splats.listByTile(grid, cellCount: tileCount + regionCount) }
}

// MARK: - Meshes

extension KernelFrame {
  /// Brings the visible meshes onto the image and lists their triangles by tile.
  func setMeshes(_ visible: [MeshInstance], _ request: RenderRequest, _ rules: ViewRules) {
    samples.clear()
    if isSeenByRays { return rayMeshes.prepare(visible, request, rules, rays) }
    let view = MeshView(
      camera: request.camera, cameraFromWorld: request.cameraFromWorld, rules: rules)
    meshes.prepare(visible, in: view, request.illumination)
    if request.softensMeshEdges { samples.prepare(visible, request, rules) }
  }

  /// Draws the shadows that a request asks for, of meshes that are not seen too.
  func setShadows(_ request: RenderRequest, _ parts: [PlacedSplats]) {
    hasShadows = request.hasShadows && !request.meshes.isEmpty
    if hasShadows { shadows.prepare(request.meshes, parts, request.illumination) }
    let columns = Int(grid.tile_columns)
    guard hasShadows, shadows.reach > 0, columns > 0 else {
      shadowedTiles = Array(repeating: false, count: tileCount)
      return
    }
    let (x, y) = request.columnsAndRows(
      around: shadows.centre, radius: shadows.reach, tileEdge: Int(KERNELS_TILE))
    shadowedTiles = (0..<tileCount).map {
      x.contains($0 % columns) && y.contains($0 / columns)
    }
  }

  /// Whether shadows of meshes may fall on splats of a tile.
  func shadowTouches(tile: Int) -> Bool { shadowedTiles[tile] }

  /// Whether a mesh's triangle may cover a pixel of the tile.
  func meshTouches(tile: Int) -> Bool {
    if isSeenByRays { return rayMeshes.tiles.starts[tile] < rayMeshes.tiles.starts[tile + 1] }
    return meshes.touches(tile: tile) || samples.touches(tile: tile)
  }
}

// MARK: - Tiles

extension KernelFrame {
  /// Draws some tiles into the images that the request wants.
  ///
  /// With `keepsSums` they have no meshes and get no shadows, but `shade` may add those later.
  func draw(
    tiles: [Int], _ request: RenderRequest, keepsSums: Bool = false, to target: inout Rendering
  ) {
    meetings.clear(tileCount)
    if keepsSums { sums.reserve(tileCount * Self.sumCount) }
    unsafe request.classes.withUnsafeBufferPointer { classes in
      let scene = unsafe scene(request, classes)
      let view = isSeenByRays ? unsafe raySceneOfAll : nil
      unsafe withImages(of: &target) { images in
        let pass = unsafe Pass(
          memory: (
            scene, camera, images, splats.tiles.items.pointer, meshes.tiles.items.pointer, view,
            meetings.isCounting ? meetings.tiles.pointer : nil,
            sums.pointer, tiles.map { unsafe samples.kernelSamples(ofTile: $0) }
          ))
        let splatStarts = splats.tiles.starts
        let triangleStarts = !isSeenByRays ? meshes.tiles.starts : rayMeshes.tiles.starts
        let shadowed = keepsSums ? Array(repeating: false, count: tileCount) : shadowedTiles
        let (columns, tileCount) = (Int(grid.tile_columns), tileCount)
        let (region, regionColumns) = (Int(KERNELS_REGION), Int(grid.region_columns))
        parallelFor(count: tiles.count, threadCount: threadCount) { index, _ in
          let tile = tiles[index]
          var (scene, camera, images, splats, triangles, view, meetings, sums, samples) =
            unsafe pass.memory
          let kept = unsafe keepsSums ? sums + tile * Self.sumCount : nil
          let met = unsafe meetings.map { unsafe $0 + tile }
          let (column, row) = (tile % columns, tile / columns)
          let wide = tileCount + row / region * regionColumns + column / region
          func entries(_ cell: Int) -> kernels_entries {
            let (first, end) = (splatStarts[cell], splatStarts[cell + 1])
            return unsafe kernels_entries(first: splats + first, count: Int32(end - first))
          }
          let (firstTriangle, endTriangle) = (triangleStarts[tile], triangleStarts[tile + 1])
          let triangleCount = Int32(endTriangle - firstTriangle)
          if var view = unsafe view {
            unsafe view.entries.first += firstTriangle
            unsafe view.entries.count = triangleCount
            var content = unsafe kernels_content(
              splats: entries(tile), wide: entries(wide), triangles: triangles, triangle_count: 0,
              shadowed: shadowed[tile] ? 1 : 0, meetings: met, sums: kept, samples: nil)
            unsafe kernels_draw_tile_by_rays(
              &scene, &camera, &view, &content, Int32(column), Int32(row), &images)
          } else {
            unsafe samples[index].withUnsafeBufferPointer { samples in
              var content = unsafe kernels_content(
                splats: entries(tile), wide: entries(wide), triangles: triangles + firstTriangle,
                triangle_count: triangleCount, shadowed: shadowed[tile] ? 1 : 0, meetings: met,
                sums: kept, samples: samples.isEmpty ? nil : samples.baseAddress)
              unsafe kernels_draw_tile(
                &scene, &camera, &content, Int32(column), Int32(row), &images)
            }
          }
        }
      }
    }
  }

  /// Lets shadows fall on tiles whose sums were kept and which the target shows without any.
  func shade(tiles: [Int], _ request: RenderRequest, to target: inout Rendering) {
    unsafe request.classes.withUnsafeBufferPointer { classes in
      let scene = unsafe scene(request, classes)
      let rays = isSeenByRays ? unsafe rays.kernelRays : nil
      unsafe withImages(of: &target) { images in
        let pass = unsafe Pass(memory: (scene, camera, images, rays, sums.pointer))
        let columns = Int(grid.tile_columns)
        parallelFor(count: tiles.count, threadCount: threadCount) { index, _ in
          var (scene, camera, images, rays, sums) = unsafe pass.memory
          let (column, row) = (Int32(tiles[index] % columns), Int32(tiles[index] / columns))
          let kept = unsafe sums + tiles[index] * Self.sumCount
          if var rays = unsafe rays {
            unsafe kernels_shade_tile_by_rays(&scene, &camera, &rays, kept, column, row, &images)
          } else {
            unsafe kernels_shade_tile(&scene, &camera, kept, column, row, &images)
          }
        }
      }
    }
  }

  private static let sumCount = Int(KERNELS_SUMS) * Int(KERNELS_TILE) * Int(KERNELS_TILE)

  /// Walks all tiles, without meshes, from the pixels' gradients to those of the splats in them.
  func walkBack(_ request: RenderRequest, _ pixels: ImageGradients) {
    splats.numberEntries(grid)
    unsafe request.classes.withUnsafeBufferPointer { classes in
      unsafe backward.walk(
        splats, scene(request, classes), camera, grid, pixels)
    }
  }

  /// Adds what the splats in the tiles owe to the pixels to the cloud's gradients.
  func undoProjection(
    _ packed: PackedSplats, _ cloud: SplatCloud, to gradients: inout SplatGradients
  ) {
    backward.undoProjection(splats, packed, views[0], cloud, to: &gradients)
  }

  /// What rays see, with the triangles of all tiles.
  private var raySceneOfAll: kernels_ray_scene {
    unsafe kernels_ray_scene(
      rays: rays.allRays, splats: rays.splatPointer, triangles: rayMeshes.rayTriangles.pointer,
      entries: kernels_entries(first: rayMeshes.tiles.items.pointer, count: 0))
  }

  private func scene(
    _ request: RenderRequest, _ classes: UnsafeBufferPointer<UInt32>
  ) -> kernels_scene {
    unsafe kernels_scene(
      records: splats.records.pointer, footprints: splats.footprints.pointer,
      triangles: isSeenByRays ? rayMeshes.triangles.pointer : meshes.triangles.pointer,
      triangle_boxes: meshes.boxes.pointer,
      placements: isSeenByRays ? rayMeshes.placements.pointer : meshes.placements.pointer,
      mesh_view: isSeenByRays ? rayMeshes.view : meshes.view,
      world_from_camera: rows(request.cameraFromWorld.rotation.normalized.matrix.transpose),
      light: light(request),
      background: triple(SIMD3<Double>(request.backgroundSRGB)),
      exposure: request.illumination.exposure, track_instances: tracksInstances ? 1 : 0,
      class_count: Int32(classes.count), classes: classes.baseAddress)
  }

  private func light(_ request: RenderRequest) -> kernels_light {
    let source = request.illumination
    let hasSun = length(source.sunDirection) > 0
    let sun = hasSun ? SIMD3<Double>(source.sun) : .zero
    var light = unsafe kernels_light()
    let sky = source.sky.polynomial(shares: EnvironmentLight.gathered)
    unsafe withUnsafeMutableBytes(of: &light.sky) { target in
      unsafe sky.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
    unsafe light.sun = triple(sun)
    unsafe light.sun_direction = triple(
      hasSun ? normalize(SIMD3<Double>(source.sunDirection)) : .zero)
    let worldFromCamera = request.cameraFromWorld.inverse
    unsafe light.eye = triple(worldFromCamera.translation)
    let turn = worldFromCamera.rotation.normalized.matrix
    let (focal, principal) = (request.camera.focalLengthPixels, request.camera.principalPoint)
    let (right, down) = (turn.column0 / focal.x, turn.column1 / focal.y)
    unsafe light.world_from_pixel = rows(
      Matrix3(
        columns: right, down, turn.column2 - right * principal.x - down * principal.y))
    if hasShadows { unsafe shadows.write(to: &light) }
    return unsafe light
  }

  private func withImages(of target: inout Rendering, _ body: (kernels_images) -> Void) {
    unsafe target.colour.bytes.withPointer { colour in
      unsafe target.alpha.values.withPointer { alpha in
        unsafe target.floatColour.withPointer { floats in
          unsafe withPointers(&target.depth, &target.medianDepth, &target.firstDepth) { depths in
            unsafe withPointers(&target.instances, &target.semantics, &target.owners) { labels in
              unsafe target.coverage.values.withPointer { coverage in
                unsafe target.normals.values.withPointer { normals in
                  guard let colour = unsafe colour, let alpha = unsafe alpha else { return }
                  unsafe body(
                    kernels_images(
                      colour: colour, alpha: alpha, depth: depths.0, median_depth: depths.1,
                      first_depth: depths.2, normals: normals, instances: labels.0,
                      coverage: coverage, semantics: labels.1, owners: labels.2,
                      float_colour: floats))
                }
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
    _ a: inout LabelImage, _ b: inout LabelImage, _ c: inout LabelImage,
    _ body: (_ values: (Pointer<UInt32>, Pointer<UInt32>, Pointer<UInt32>)) -> Void
  ) {
    unsafe a.ids.withPointer { a in
      unsafe b.ids.withPointer { b in
        unsafe c.ids.withPointer { c in unsafe body((a, b, c)) }
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

func pair(_ v: SIMD2<Double>) -> (Float, Float) { (Float(v.x), Float(v.y)) }

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
