// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Parallel
import Splats

/// The kernels' memory for the shadow that splats throw on meshes: their depths seen from the sun.
///
/// A texel has the depth at which splats have hidden half of the sun. The square that is drawn
/// lies on a grid, and its edge is a power of two, so that meshes which move about have it drawn
/// seldom; what is kept is only drawn again for another square, another sun or other splats.
@safe
final class SplatShadow {
  private let threadCount: Int
  private let splats: SplatPass
  private var drawn: Subject?
  private var isEmpty = true
  private var depths = Scratch<Float>()
  private var least = Scratch<Float>()
  private var colours = Scratch<UInt8>()
  private var alphas = Scratch<Float>()
  private let noTriangles = Scratch<UInt32>()
  private(set) var kernel = unsafe kernels_shadow()

  /// The edge of the map, texels.
  private static let size = 512
  /// How much deeper than the splats in its way a surface is before it is dark, beside a texel:
  /// the splats of the table that a mesh stands on reach up to it, metres.
  private static let looseness = 0.03
  /// Splats further towards the sun than this from the square throw no shadow, as the sky may be
  /// made of them, metres.
  private static let reach = 8.0

  init(threadCount: Int) {
    self.threadCount = threadCount
    splats = SplatPass(threadCount: threadCount, hasColours: false)
  }

  /// What decides the map.
  private struct Subject: Equatable {
    let parts: [PlacedSplats]
    let toSun: SIMD3<Double>
    let middle: SIMD3<Double>
    let halfEdge: Double

    /// The square for meshes in a ball.
    init(
      _ parts: [PlacedSplats], toSun: SIMD3<Double>, around centre: SIMD3<Double>, radius: Double
    ) {
      self.parts = parts
      self.toSun = toSun
      // The middle is at most a quarter of the half edge off, and a few texels are for the filter.
      halfEdge = Double(
        sign: .plus, exponent: (radius / 0.73).exponent + 1, significand: 1)
      let inFrame = lightFrame(facing: toSun, .zero) * centre
      let step = halfEdge / 2
      middle = SIMD3(
        (inFrame.x / step).rounded() * step, (inFrame.y / step).rounded() * step,
        (inFrame.z / step).rounded() * step)
    }

    /// The frame of the square: its origin in the middle, its z axis the way of the light.
    var frameFromWorld: RigidTransform {
      var turned = lightFrame(facing: toSun, .zero)
      turned.translation = -middle
      return turned
    }

    var texel: Double { 2 * halfEdge / Double(SplatShadow.size) }

    /// Where splats throw shadows: their centres along z, metres.
    var range: Range<Double> { -(halfEdge + SplatShadow.reach)..<2 * halfEdge }
  }

  /// Draws the splats that throw shadows on meshes within a ball; false when there are none.
  func prepare(
    _ parts: [PlacedSplats], toSun: SIMD3<Double>, around centre: SIMD3<Double>, radius: Double
  ) -> Bool {
    guard radius.isFinite, centre.sum().isFinite else { return false }
    let subject = Subject(parts, toSun: toSun, around: centre, radius: radius)
    if subject != drawn { draw(subject) }
    drawn = subject
    return !isEmpty
  }

  private func draw(_ subject: Subject) {
    let frustum = Frustum(
      parallelTo: subject.frameFromWorld, halfEdge: subject.halfEdge, texel: subject.texel,
      depths: subject.range)
    let groups = frustum.visibleGroups(of: subject.parts, isSeenByRays: false)
    isEmpty = groups.isEmpty
    guard !isEmpty else { return }
    // Depths are counted from so far away that they grow across a splat as a line does.
    let distance = 64 * (subject.halfEdge + Self.reach)
    let camera = camera(of: subject, distance: distance)
    let turn = subject.frameFromWorld.rotation
    let views = subject.parts.map { part in
      var view = camera
      let origin = turn.rotate(part.origin) - subject.middle + SIMD3(0, 0, distance)
      view.translation = triple(origin)
      return view
    }
    splats.project(subject.parts, groups, views, nil)
    splats.sortByDepth()
    isEmpty = splats.visibleCount == 0
    guard !isEmpty else { return }
    blend(camera)
    finish(subject, distance: distance)
  }

  private func camera(of subject: Subject, distance: Double) -> kernels_camera {
    let (size, focal) = (Double(Self.size), 1 / subject.texel)
    var camera = kernels_camera()
    camera.rotation = rows(subject.frameFromWorld.rotation.normalized.matrix)
    camera.focal = pair(SIMD2(focal, focal))
    camera.principal = pair(SIMD2(size / 2, size / 2))
    camera.near = Float(distance + subject.range.lowerBound)
    camera.far = Float(distance + subject.range.upperBound)
    camera.maximum_alpha = 0.99
    camera.minimum_transmittance = 1e-4
    camera.width = Int32(Self.size)
    camera.height = Int32(Self.size)
    camera.antialiased = 1
    camera.parallel = 1
    return camera
  }

  /// Fills `depths` with the splats' median depths, 0 where they let more than half through.
  private func blend(_ camera: kernels_camera) {
    let (tiles, region) = (Self.size / Int(KERNELS_TILE), Int(KERNELS_REGION))
    let (tileCount, regions) = (tiles * tiles, (tiles + region - 1) / region)
    let grid = kernels_grid(
      tile_columns: Int32(tiles), tile_count: Int32(tileCount), region_columns: Int32(regions))
    splats.listByTile(grid, cellCount: tileCount + regions * regions)
    depths.reserve(Self.size * Self.size)
    alphas.reserve(Self.size * Self.size)
    colours.reserve(Self.size * Self.size * 3)
    var scene = unsafe kernels_scene()
    unsafe scene.records = UnsafePointer(splats.records.pointer)
    unsafe scene.footprints = UnsafePointer(splats.footprints.pointer)
    let images = unsafe kernels_images(
      colour: colours.pointer, alpha: alphas.pointer, depth: nil, median_depth: depths.pointer,
      first_depth: nil, normals: nil, instances: nil, coverage: nil, semantics: nil, owners: nil,
      float_colour: nil)
    let pass = unsafe Pass(
      memory: (scene, camera, images, splats.tiles.items.pointer, noTriangles.pointer))
    let starts = splats.tiles.starts
    parallelFor(count: tileCount, threadCount: threadCount) { tile, _ in
      var (scene, camera, images, items, noTriangles) = unsafe pass.memory
      let (column, row) = (tile % tiles, tile / tiles)
      func entries(_ cell: Int) -> kernels_entries {
        unsafe kernels_entries(
          first: items + starts[cell], count: Int32(starts[cell + 1] - starts[cell]))
      }
      let wide = tileCount + row / region * regions + column / region
      var content = unsafe kernels_content(
        splats: entries(tile), wide: entries(wide), triangles: noTriangles, triangle_count: 0,
        shadowed: 0, meetings: nil, sums: nil, samples: nil)
      unsafe kernels_draw_tile(&scene, &camera, &content, Int32(column), Int32(row), &images)
    }
  }

  /// Counts depths from the middle of the square on, and tells the kernels of the map.
  private func finish(_ subject: Subject, distance: Double) {
    let edge = Int(KERNELS_TILE)
    let tiles = Self.size / edge
    least.reserve(tiles * tiles)
    for tile in 0..<tiles * tiles { unsafe least.pointer[tile] = .infinity }
    for row in 0..<Self.size {
      for column in 0..<Self.size {
        let at = row * Self.size + column
        let depth = unsafe depths.pointer[at]
        guard depth > 0 else {
          unsafe depths.pointer[at] = .infinity
          continue
        }
        let shifted = depth - Float(distance)
        unsafe depths.pointer[at] = shifted
        let tile = row / edge * tiles + column / edge
        unsafe least.pointer[tile] = min(least.pointer[tile], shifted)
      }
    }
    unsafe kernel.depths = UnsafePointer(depths.pointer)
    unsafe kernel.least = UnsafePointer(least.pointer)
    unsafe kernel.size = Int32(Self.size)
    unsafe kernel.setMap(mapFromWorld(of: subject))
    unsafe kernel.bias = Float(subject.texel + Self.looseness)
    unsafe kernel.offset = Float(1.5 * subject.texel)
    unsafe kernel.direction = triple(subject.toSun)
  }

  private func mapFromWorld(of subject: Subject) -> [Float] {
    let turn = subject.frameFromWorld.rotation.normalized.matrix.transpose
    let (scale, middle) = (1 / subject.texel, Double(Self.size) / 2)
    let rows = [
      (turn.column0, scale, middle - scale * subject.middle.x),
      (turn.column1, scale, middle - scale * subject.middle.y),
      (turn.column2, 1, -subject.middle.z),
    ]
    return rows.flatMap { row, scale, shift in
      [Float(scale * row.x), Float(scale * row.y), Float(scale * row.z), Float(shift)]
    }
  }
}
