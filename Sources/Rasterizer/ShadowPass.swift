// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
import Parallel

/// The kernels' memory for the shadows of one picture's meshes: depths seen from the lights.
///
/// The sun has a fine map; the sky, whose shadows are soft, eight coarse ones from directions
/// spread over the upper half, which make what is close to a surface darken it.
@safe
final class ShadowPass {
  private let threadCount: Int
  private let meshes: MeshPass
  private var depths = Scratch<Float>()
  private(set) var shadows = unsafe Scratch<kernels_shadow>()
  private(set) var count = 0
  /// The middle of all meshes, and how far from there shadows reach, metres.
  private(set) var centre = SIMD3<Double>.zero
  private(set) var reach = 0.0

  private static let sunSize = 512
  private static let skySize = 128
  /// The radii of the ball around all meshes that their shadows reach.
  private static let reachShare = 4.0
  /// How uncertain the depth of splats is, metres.
  private static let looseness = 0.002

  /// Eight directions, as many for equal parts of the cosine: points of a disc by the golden angle.
  private static let skyDirections: [SIMD3<Double>] = (0..<8).map { k in
    let square = (Double(k) + 0.5) / 8
    let angle = Double(k) * 2.399_963_229_728_653
    return SIMD3(
      square.squareRoot() * angle.cosine, square.squareRoot() * angle.sine,
      (1 - square).squareRoot())
  }

  init(threadCount: Int) {
    self.threadCount = threadCount
    meshes = MeshPass(threadCount: threadCount)
  }

  /// Forgets all shadows.
  func clear() { count = 0 }

  /// Draws the depths of all meshes from the lights.
  func prepare(_ casters: [MeshInstance], _ light: Illumination) {
    count = 0
    var box = AxisAlignedBox()
    for caster in casters {
      let bounds = caster.mesh.bounds
      guard !bounds.isEmpty else { continue }
      for corner in 0..<8 {
        let inMesh = SIMD3(
          corner & 1 == 0 ? bounds.minimum.x : bounds.maximum.x,
          corner & 2 == 0 ? bounds.minimum.y : bounds.maximum.y,
          corner & 4 == 0 ? bounds.minimum.z : bounds.maximum.z)
        box.add(caster.worldFromMesh * (inMesh * SIMD3<Double>(caster.scale)))
      }
    }
    guard !box.isEmpty else { return }
    centre = box.center
    let radius = max(length(box.size) / 2, 1e-3)
    reach = Self.reachShare * radius
    let sun = SIMD3<Double>(light.sunDirection)
    let sizes = [Self.sunSize] + Self.skyDirections.map { _ in Self.skySize }
    depths.reserve(sizes.reduce(0) { $0 + $1 * $1 })
    unsafe shadows.reserve(sizes.count)
    // Without a sun its map is not looked at for anything that is lit.
    let directions = [length(sun) > 0 ? normalize(sun) : SIMD3(0, 0, 1)] + Self.skyDirections
    var first = 0
    for (index, (direction, size)) in zip(directions, sizes).enumerated() {
      let view = MeshView(
        parallelTo: Self.frame(facing: direction, centre), halfEdge: radius * 1.01, size: size)
      meshes.prepare(casters, in: view, light)
      draw(view, size, at: first)
      unsafe shadows.pointer[index] = shadow(view, direction, first: first)
      unsafe shadows.pointer[index].share = Float(light.sky.light(onNormal: direction).sum())
      first += size * size
    }
    count = sizes.count
  }

  /// The frame whose z axis goes the way of the light.
  private static func frame(facing direction: SIMD3<Double>, _ centre: SIMD3<Double>)
    -> RigidTransform
  {
    let along = -direction
    let across = normalize(
      cross(abs(along.z) < 0.9 ? SIMD3<Double>(0, 0, 1) : SIMD3(1, 0, 0), along))
    let turn = Quaternion(
      matrix: Matrix3(columns: across, cross(along, across), along).transpose)
    return RigidTransform(rotation: turn, translation: -turn.rotate(centre))
  }

  /// The shadow whose depths begin at a place; the sky's share of it is not filled in.
  private func shadow(
    _ view: MeshView, _ direction: SIMD3<Double>, first: Int
  ) -> kernels_shadow {
    let size = Int(view.kernel.width)
    let texel = Double(view.kernel.far) / Double(size)
    var shadow = unsafe kernels_shadow()
    unsafe shadow.depths = UnsafePointer(depths.pointer + first)
    unsafe shadow.size = Int32(size)
    unsafe withUnsafeMutableBytes(of: &shadow.map_from_world) { target in
      unsafe view.imageFromWorld.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
    // A surface that the light meets at a slant spans some depth within a texel.
    unsafe shadow.bias = Float(texel + Self.looseness)
    unsafe shadow.offset = Float(1.5 * texel)
    unsafe shadow.direction = triple(direction)
    return unsafe shadow
  }

  private func draw(_ view: MeshView, _ size: Int, at first: Int) {
    var scene = unsafe kernels_scene()
    unsafe scene.triangles = UnsafePointer(meshes.triangles.pointer)
    unsafe scene.triangle_boxes = UnsafePointer(meshes.boxes.pointer)
    unsafe scene.mesh_view = meshes.view
    let pass = unsafe Pass(memory: (scene, meshes.tiles.items.pointer, depths.pointer + first))
    let (starts, columns) = (meshes.tiles.starts, view.tileColumns)
    parallelFor(count: view.tileCount, threadCount: threadCount) { tile, _ in
      var (scene, triangles, target) = unsafe pass.memory
      unsafe kernels_draw_depth(
        &scene, triangles + starts[tile], Int32(starts[tile + 1] - starts[tile]),
        Int32(tile % columns), Int32(tile / columns), Int32(size), target)
    }
  }
}
