// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Physics
import Testing

@testable import Simulation

/// The looks of one geom with a picture of 2 x 2 pixels, or of a cube of six colours.
private func looks(_ geom: String, _ material: String = "") throws -> [TriangleMesh] {
  var spec = try ModelSpec(
    xml: """
      <mujoco>
        <asset>
          <texture name="flat" type="2d" builtin="checker" rgb1="1 0 0" rgb2="0 0 1" width="2"
            height="2"/>
          <texture name="around" type="cube" builtin="gradient" rgb1="1 0 0" rgb2="0 0 1"
            width="8"/>
          <texture name="green" type="cube" builtin="flat" rgb1="0 1 0" rgb2="0 1 0" width="8"/>
          <material name="m" \(material.isEmpty ? "texture='flat'" : material)/>
          <mesh name="wedge" vertex="-1 -1 -1  1 -1 -1  0 2 -1  0 0 3"/>
        </asset>
        <worldbody><geom \(geom) material="m"/></worldbody>
      </mujoco>
      """)
  let model = try spec.compile()
  return model.looks(of: try #require(model.geoms.first))
}

/// Where a point lies on a mesh's picture, by the triangle that holds it.
private func place(of point: SIMD3<Float>, on mesh: TriangleMesh) -> SIMD2<Float>? {
  for first in stride(from: 0, to: mesh.indices.count, by: 3) {
    let corners = mesh.indices[first..<first + 3].map { Int($0) }
    let p = corners.map { mesh.positions[$0] }
    let normal = cross(p[1] - p[0], p[2] - p[0])
    let square = dot(normal, normal)
    guard square > 0, abs(dot(point - p[0], normal)) < 1e-4 * square.squareRoot() else { continue }
    let weights = (0..<3).map { k in
      dot(cross(p[(k + 1) % 3] - point, p[(k + 2) % 3] - point), normal) / square
    }
    guard weights.allSatisfy({ $0 > -1e-3 }) else { continue }
    return (0..<3).reduce(.zero) { $0 + weights[$1] * mesh.textureCoordinates[corners[$1]] }
  }
  return nil
}

/// What MuJoCo 4.0.0 shows where: a picture whose red is u and whose green is v was drawn by its
/// own renderer (OSMesa) on each shape, and read at the points that rays of `mj_ray` met.
private let measured: [(geom: String, material: String, at: [(SIMD3<Float>, SIMD2<Float>)])] = [
  (
    "type='box' size='.2 .15 .25'", "texture='flat'",
    [
      (SIMD3(-0.15, -0.15, 0.21), SIMD2(0.129, 0.075)),
      (SIMD3(0.2, 0.05, 0.22), SIMD2(0.659, 0.051)),
      (SIMD3(-0.2, -0.14, 0.22), SIMD2(0.027, 0.051)),
      (SIMD3(0.15, 0.15, 0.11), SIMD2(0.882, 0.282)),
      (SIMD3(-0.07, 0.14, 0.25), SIMD2(0.329, 0.051)),
      (SIMD3(0.07, -0.14, -0.25), SIMD2(0.671, 0.957)),
    ]
  ),
  (
    "type='box' size='.2 .15 .25'", "texture='flat' texuniform='true'",
    [
      (SIMD3(0.15, -0.15, 0.11), SIMD2(0.176, 0.039)),
      (SIMD3(0.2, -0.05, -0.21), SIMD2(0.063, 0.137)),
    ]
  ),
  (
    "type='box' size='.2 .15 .25'", "texture='flat' texrepeat='1 .5'",
    [(SIMD3(-0.05, -0.15, -0.24), SIMD2(0.369, 0.49))]
  ),
  (
    "type='sphere' size='.25'", "texture='flat'",
    [
      (SIMD3(-0.05, -0.23, 0.08), SIMD2(0.718, 0.4)),
      (SIMD3(0.21, 0.12, 0.06), SIMD2(0.078, 0.424)),
      (SIMD3(-0.1, 0.16, -0.16), SIMD2(0.341, 0.725)),
    ]
  ),
  (
    "type='ellipsoid' size='.25 .2 .3'", "texture='flat'",
    [
      (SIMD3(-0.15, -0.13, 0.13), SIMD2(0.631, 0.353)),
      (SIMD3(0.05, -0.19, -0.07), SIMD2(0.784, 0.58)),
    ]
  ),
  (
    "type='cylinder' size='.2 .3'", "texture='flat'",
    [
      (SIMD3(0.15, 0, 0.3), SIMD2(0.89, 0.494)), (SIMD3(-0.05, -0.19, -0.07), SIMD2(0.71, 0.62)),
      (SIMD3(0.13, -0.09, -0.3), SIMD2(0.827, 0.271)),
      (SIMD3(0.01, 0.15, -0.3), SIMD2(0.518, 0.878)),
    ]
  ),
  (
    "type='cylinder' size='.2 .3'", "texture='flat' texuniform='true'",
    [(SIMD3(0.05, 0, 0.3), SIMD2(0.125, 0.098)), (SIMD3(-0.05, -0.19, 0.17), SIMD2(0.141, 0.043))]
  ),
  (
    "type='capsule' size='.2 .2'", "texture='flat'",
    [
      (SIMD3(-0.05, -0.13, 0.34), SIMD2(0.698, 0.49)),
      (SIMD3(0.05, -0.19, 0.05), SIMD2(0.792, 0.369)),
      (SIMD3(0.1, 0.14, -0.31), SIMD2(0.153, 0.376)),
    ]
  ),
]

@Suite struct `A picture on a geom` {
  @Test(arguments: measured.indices) func `lies where MuJoCo's renderer lays it`(index: Int) throws
  {
    let (geom, material, points) = measured[index]
    let mesh = try #require(try looks(geom, material).first)
    mesh.checkInvariants()
    for (point, expected) in points {
      // Points are told to a centimetre, and facets lie within them: the nearest vertex' direction.
      let onSurface = surfacePoint(point, of: mesh)
      let found = try #require(place(of: onSurface, on: mesh), "\(geom) \(point)")
      // A centimetre of 25 around the equator, and more near the poles.
      let error = found - expected
      #expect(
        max(abs(error.x - error.x.rounded()), abs(error.y)) < 0.035, "\(geom) \(point) \(found)")
    }
  }

  /// The point of a convex mesh around the origin in the direction of another.
  private func surfacePoint(_ point: SIMD3<Float>, of mesh: TriangleMesh) -> SIMD3<Float> {
    var share: Float = 0
    for first in stride(from: 0, to: mesh.indices.count, by: 3) {
      let p = mesh.indices[first..<first + 3].map { mesh.positions[Int($0)] }
      let normal = cross(p[1] - p[0], p[2] - p[0])
      // How much of the plane's distance the point has.
      if dot(p[0], normal) > 1e-12 { share = max(share, dot(point, normal) / dot(p[0], normal)) }
    }
    return point / share
  }

  @Test(arguments: ["sphere", "ellipsoid", "capsule", "cylinder"])
  func `never jumps within a triangle`(shape: String) throws {
    let size = ["sphere": ".2", "ellipsoid": ".1 .2 .3"][shape] ?? ".1 .2"
    let mesh = try #require(try looks("type='\(shape)' size='\(size)'").first)
    for first in stride(from: 0, to: mesh.indices.count, by: 3) {
      let u = mesh.indices[first..<first + 3].map { mesh.textureCoordinates[Int($0)].x }
      // Caps are as wide as the picture; around the axis there are 24 segments.
      let isCap = mesh.indices[first..<first + 3].allSatisfy { abs(mesh.normals[Int($0)].z) > 0.99 }
      #expect((u.max() ?? 0) - (u.min() ?? 0) < (isCap ? 0.51 : 0.06))
    }
  }

  @Test func `is repeated each two metres on a plane without end`() throws {
    var spec = try ModelSpec(
      xml: """
        <mujoco><asset><texture name="t" type="2d" builtin="checker" width="2" height="2"/>
        <material name="m" texture="t" texrepeat="3 5" texuniform="true"/></asset>
        <worldbody><geom type="plane" size="0 0 1" material="m"/></worldbody></mujoco>
        """)
    let model = try spec.compile()
    let plane = model.painted(.plane(halfSize: SIMD2(2, 2)), as: model.geoms[0])[0]
    for (position, place) in zip(plane.positions, plane.textureCoordinates) {
      #expect(place == SIMD2(3 * position.x, -5 * position.y) / 2 - 0.5)
    }
  }
}

@Suite struct `A cube of pictures around a geom` {
  /// The side of a direction and the place on it: OpenGL 4.6, table 8.19, written as it is there.
  private func place(_ r: SIMD3<Float>) -> (side: Int, place: SIMD2<Float>) {
    let size = SIMD3(abs(r.x), abs(r.y), abs(r.z))
    let (side, sc, tc, ma): (Int, Float, Float, Float) =
      if size.x >= size.y, size.x >= size.z {
        r.x > 0 ? (0, -r.z, -r.y, r.x) : (1, r.z, -r.y, -r.x)
      } else if size.y >= size.z {
        r.y > 0 ? (2, r.x, r.z, r.y) : (3, r.x, -r.z, -r.y)
      } else {
        r.z > 0 ? (4, r.x, -r.y, r.z) : (5, -r.x, -r.y, -r.z)
      }
    return (side, SIMD2((sc / ma + 1) / 2, (tc / ma + 1) / 2))
  }

  @Test(arguments: [
    ("type='box' size='.1 .2 .3'", false), ("type='box' size='.1 .2 .3'", true),
    ("type='sphere' size='.2'", false), ("type='mesh' mesh='wedge'", false),
    ("type='cylinder' size='.2 .1'", true),
  ])
  func `covers it once, each point with what its direction meets`(
    geom: String, isUniform: Bool
  ) throws {
    let plain = try #require(try looks(geom, "rgba='1 1 1 1'").first)
    let parts = try looks(geom, "texture='around' texuniform='\(isUniform)'")
    #expect(plain.texture == nil)
    func area(_ mesh: TriangleMesh) -> Float {
      stride(from: 0, to: mesh.indices.count, by: 3).reduce(0) { sum, first in
        let p = mesh.indices[first..<first + 3].map { mesh.positions[Int($0)] }
        return sum + length(cross(p[1] - p[0], p[2] - p[0])) / 2
      }
    }
    #expect(abs(parts.reduce(0) { $0 + area($1) } / area(plain) - 1) < 1e-4)
    #expect(parts.count > 3)
    let halfSizes: SIMD3<Float> = geom.contains("box") ? SIMD3(0.1, 0.2, 0.3) : SIMD3(1, 1, 1)
    var sides: Set<Int> = []
    for part in parts {
      part.checkInvariants()
      for first in stride(from: 0, to: part.indices.count, by: 3) {
        let corners = part.indices[first..<first + 3].map { Int($0) }
        let middle = corners.reduce(.zero) { $0 + part.positions[$1] } / 3
        let direction = isUniform ? middle : middle / halfSizes
        let sizes = [abs(direction.x), abs(direction.y), abs(direction.z)].sorted()
        // Slivers along the edge of two pictures belong to either.
        if sizes[2] - sizes[1] < 1e-4 * sizes[2] { continue }
        let expected = place(direction)
        let found = corners.reduce(.zero) { $0 + part.textureCoordinates[$1] } / 3
        #expect(length(SIMD3(found - expected.place, 0)) < 0.02)
        sides.insert(expected.side)
      }
    }
    #expect(sides.count == parts.count)
  }

  @Test func `of one colour is a colour`() throws {
    let parts = try looks("type='sphere' size='.2'", "texture='green'")
    #expect(parts.count == 1)
    #expect(parts.first?.texture?.image == RGBImage(width: 1, height: 1, bytes: [0, 255, 0]))
  }
}

@Suite(
  .enabled(if: RealFiles.isPresent(RealFiles.folder + "/robots/skydio_x2_mjcf/x2.xml"), "no robots")
)
struct `A real robot with a picture` {
  @Test func `keeps it, also when it is thinned out`() throws {
    var spec = try ModelSpec(file: RealFiles.folder + "/robots/skydio_x2_mjcf/x2.xml")
    let model = try spec.compile()
    let geom = try #require(model.geoms.first { $0.material != nil && $0.shape.isMesh })
    for limit in [nil, 500] {
      let mesh = try #require(model.looks(of: geom, triangleLimit: limit).first)
      mesh.checkInvariants()
      #expect(mesh.texture?.image.width == 1024 && mesh.texture?.image.height == 1024)
      #expect(mesh.textureCoordinates.allSatisfy { $0.min() > -0.01 && $0.max() < 1.01 })
    }
  }
}

extension Shape {
  fileprivate var isMesh: Bool {
    if case .mesh = self { true } else { false }
  }
}
