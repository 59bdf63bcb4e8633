// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
import Parallel

/// The kernels' memory for the shadows of meshes, and of splats on them: depths seen from lights.
///
/// The sun has a fine map; the sky, whose shadows are soft, coarse ones from up to eight directions
/// spread over the upper half, which make what is close to a surface darken it. Maps are drawn
/// again only when a mesh or the light has changed, so that the cameras of a robot share them.
@safe
final class ShadowPass {
  private let threadCount: Int
  private var maps: [ShadowMap] = []
  private var drawn: (casters: [MeshInstance], light: Illumination)?
  private var shadows = unsafe Scratch<kernels_shadow>()
  private let splats: SplatShadow
  private var splatShadow = unsafe Scratch<kernels_shadow>()
  private var hasSplatShadow = false
  private var hasSun = false
  private var skyCount = 0
  /// The middle of all meshes, and how far from there shadows reach, metres; 0 without any.
  private(set) var centre = SIMD3<Double>.zero
  private(set) var reach = 0.0

  private static let sunSize = 512
  private static let skySize = 128
  /// The radii of the ball around all meshes that their shadows reach.
  private static let reachShare = 4.0

  /// Eight directions, as many for equal parts of the cosine: points of a disc by the golden angle.
  private static let skyDirections: [SIMD3<Double>] = (0..<Int(KERNELS_SKY_SHADOWS)).map { k in
    let square = (Double(k) + 0.5) / 8
    let angle = Double(k) * 2.399_963_229_728_653
    return SIMD3(
      square.squareRoot() * angle.cosine, square.squareRoot() * angle.sine,
      (1 - square).squareRoot())
  }

  init(threadCount: Int) {
    self.threadCount = threadCount
    splats = SplatShadow(threadCount: threadCount)
  }

  /// Draws the depths of all meshes from the lights that have a share, and those of splats.
  func prepare(_ meshes: [MeshInstance], _ parts: [PlacedSplats], _ light: Illumination) {
    prepare(meshes.filter(\.throwsShadow), light)
    hasSplatShadow =
      hasSun
      && splats.prepare(
        parts, toSun: normalize(SIMD3<Double>(light.sunDirection)), around: centre,
        radius: reach / Self.reachShare)
    if hasSplatShadow { unsafe splatShadow.pointer[0] = splats.kernel }
  }

  private func prepare(_ casters: [MeshInstance], _ light: Illumination) {
    if let drawn, drawn.light == light, drawn.casters == casters { return }
    drawn = (casters, light)
    (hasSun, skyCount, reach) = (false, 0, 0)
    let box = Self.box(around: casters)
    guard !box.isEmpty else { return }
    centre = box.center
    let radius = max(length(box.size) / 2, 1e-3)
    reach = Self.reachShare * radius
    var wanted: [ShadowLight] = []
    let sun = SIMD3<Double>(light.sunDirection)
    hasSun = length(sun) > 0 && light.sun != .zero
    if hasSun {
      wanted.append(ShadowLight(direction: normalize(sun), share: 0, size: Self.sunSize))
    }
    for direction in Self.skyDirections {
      let share = light.sky.light(onNormal: direction).sum()
      guard share > 0 else { continue }
      wanted.append(ShadowLight(direction: direction, share: share, size: Self.skySize))
      skyCount += 1
    }
    while maps.count < wanted.count { maps.append(ShadowMap()) }
    let (lights, centre, halfEdge) = (wanted, centre, radius * 1.01)
    let pass = unsafe Pass(memory: maps)
    parallelFor(count: wanted.count, threadCount: threadCount) { index, _ in
      unsafe pass.memory[index].draw(casters, lights[index], around: centre, halfEdge: halfEdge)
    }
    unsafe shadows.reserve(wanted.count)
    for index in wanted.indices { unsafe shadows.pointer[index] = maps[index].kernel }
  }

  /// Tells the kernels of the shadows.
  func write(to light: inout kernels_light) {
    unsafe light.sun_shadow = hasSun ? UnsafePointer(shadows.pointer) : nil
    unsafe light.splat_shadow = hasSplatShadow ? UnsafePointer(splatShadow.pointer) : nil
    unsafe light.sky_shadows = UnsafePointer(shadows.pointer + (hasSun ? 1 : 0))
    unsafe light.sky_shadow_count = Int32(skyCount)
    unsafe light.shadow_centre = triple(centre)
    unsafe light.shadow_radius = Float(reach)
  }

  private static func box(around casters: [MeshInstance]) -> AxisAlignedBox {
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
    return box
  }
}

/// Where some light comes from, and the map that its shadows need.
private struct ShadowLight: Sendable {
  /// Towards the light, unit, in the world.
  let direction: SIMD3<Double>
  /// Of the sky's light that comes from around there.
  let share: Double
  /// The map's edge, texels.
  let size: Int
}

/// The depths of all meshes, seen along the rays of one light.
@safe
private final class ShadowMap {
  private let meshes = MeshPass(threadCount: 1)
  private var depths = Scratch<Float>()
  private var least = Scratch<Float>()
  private(set) var kernel = unsafe kernels_shadow()

  /// How uncertain the depth of splats is, metres.
  private static let looseness = 0.002

  /// Draws a square around a point; on one thread.
  func draw(
    _ casters: [MeshInstance], _ light: ShadowLight, around centre: SIMD3<Double>,
    halfEdge: Double
  ) {
    let view = MeshView(
      parallelTo: lightFrame(facing: light.direction, centre), halfEdge: halfEdge, size: light.size)
    meshes.prepare(casters, in: view, nil)
    depths.reserve(light.size * light.size)
    least.reserve(view.tileCount)
    var scene = unsafe kernels_scene()
    unsafe scene.triangles = UnsafePointer(meshes.triangles.pointer)
    unsafe scene.triangle_boxes = UnsafePointer(meshes.boxes.pointer)
    unsafe scene.placements = UnsafePointer(meshes.placements.pointer)
    unsafe scene.mesh_view = meshes.view
    let starts = meshes.tiles.starts
    for tile in 0..<view.tileCount {
      unsafe least.pointer[tile] = kernels_draw_depth(
        &scene, meshes.tiles.items.pointer + starts[tile], Int32(starts[tile + 1] - starts[tile]),
        Int32(tile % view.tileColumns), Int32(tile / view.tileColumns), Int32(light.size),
        depths.pointer)
    }
    let texel = 2 * halfEdge / Double(light.size)
    unsafe kernel.depths = UnsafePointer(depths.pointer)
    unsafe kernel.least = UnsafePointer(least.pointer)
    unsafe kernel.size = Int32(light.size)
    unsafe kernel.setMap(view.imageFromWorld)
    // A surface that the light meets at a slant spans some depth within a texel.
    unsafe kernel.bias = Float(texel + Self.looseness)
    unsafe kernel.offset = Float(1.5 * texel)
    unsafe kernel.direction = triple(light.direction)
    unsafe kernel.share = Float(light.share)
  }
}

/// The frame around a point whose z axis goes the way of the light.
func lightFrame(facing direction: SIMD3<Double>, _ centre: SIMD3<Double>) -> RigidTransform {
  let along = -direction
  let across = normalize(
    cross(abs(along.z) < 0.9 ? SIMD3<Double>(0, 0, 1) : SIMD3(1, 0, 0), along))
  let turn = Quaternion(
    matrix: Matrix3(columns: across, cross(along, across), along).transpose)
  return RigidTransform(rotation: turn, translation: -turn.rotate(centre))
}

extension kernels_shadow {
  /// Sets the transform from the world to columns, rows (texels) and depth (metres): [3 x 4].
  mutating func setMap(_ mapFromWorld: [Float]) {
    unsafe withUnsafeMutableBytes(of: &map_from_world) { target in
      unsafe mapFromWorld.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }
}
