// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Meshes
import Randomness
package import Splats

/// The scenes and views that the renderer's speed is measured on; the same for every run.
package enum SplatBenchmark {
  /// Makes a furnished room: floor, three walls, 14 balls and foliage, as a capture would see it.
  ///
  /// Deviations are log-normal around 1.2 cm (at a million splats; larger for fewer), a fifth of
  /// that along the surface's normal; 60 % of the opacities lie in 0.7...0.99, the others in
  /// 0.02...0.5. The y axis points up; the room spans 12 x 4 x 12 m. The distribution is that of
  /// the scene that `Tests/Performance/splats.sh` feeds to the prototype.
  ///
  /// - Complexity: O(count); about 3 s for a million splats of degree 3.
  package static func room(count: Int, shDegree: Int = 3, seed: UInt64 = 0) -> SplatCloud {
    var random = RandomStream(seed: seed, purpose: "benchmark room")
    let balls = (0..<14).map { _ in
      Ball(
        center: SIMD3(
          random.uniform(in: -4...4), random.uniform(in: 0.3...2), random.uniform(in: -2...5)),
        radius: random.uniform(in: 0.25...0.8))
    }
    var cloud = SplatCloud(shDegree: shDegree)
    cloud.reserveCapacity(count)
    let growth = pow(1e6 / Double(max(count, 1)), 0.33)
    for _ in 0..<count {
      let point = surfacePoint(balls, &random)
      add(point, growth: growth, to: &cloud, &random)
    }
    return cloud
  }

  /// The view into the room: from one end over the floor, 70 degrees wide.
  package static func request(width: Int, height: Int) -> RenderRequest {
    let eye = SIMD3<Double>(0, 1.8, -5.5)
    let forward = normalize(SIMD3<Double>(0, 1, 1) - eye)
    let right = normalize(cross(forward, SIMD3(0, 1, 0)))
    let rotation = Quaternion(
      matrix: Matrix3(columns: right, cross(forward, right), forward).transpose)
    let halfAngle = 35.0.radiansFromDegrees
    let focal = Double(width) / 2 * halfAngle.cosine / halfAngle.sine
    let camera = Camera(
      width: width, height: height, focalLengthPixels: SIMD2(focal, focal),
      principalPoint: SIMD2(Double(width), Double(height)) / 2, near: 0.05)
    let pose = RigidTransform(rotation: rotation, translation: -rotation.rotate(eye))
    return RenderRequest(camera: camera, cameraFromWorld: pose)
  }

  /// Makes a robot's worth of triangles: ten balls in an arc 2 to 3 m in front of the view.
  ///
  /// Each ball has `2 * rings * rings` triangles of smooth normals; 32 rings make 20,480 in all.
  package static func robot(rings: Int = 32) -> [MeshInstance] {
    let mesh = PackedMesh(ballMesh(rings: rings))
    return (0..<10).map { link in
      let angle = Double(link) / 9 * .pi
      return MeshInstance(
        mesh: mesh,
        worldFromMesh: RigidTransform(
          translation: SIMD3(-0.6 * angle.cosine, 0.9 + 0.6 * angle.sine, -3)),
        scale: SIMD3(repeating: 0.15), colourSRGB: SIMD3(0.9, 0.6, 0.1),
        instanceID: UInt32(1 + link))
    }
  }

  private struct Ball {
    var center: SIMD3<Double>
    var radius: Double
  }

  private struct SurfacePoint {
    var position: SIMD3<Double>
    var normal: SIMD3<Double>
  }
}

// MARK: - Parts of the room

extension SplatBenchmark {
  private static func surfacePoint(
    _ balls: [Ball], _ random: inout RandomStream
  ) -> SurfacePoint {
    let share = random.uniform()
    let (u, v) = (random.uniform(), random.uniform())
    let roughness = 0.005 * random.normal()
    func direction() -> SIMD3<Double> {
      normalize(SIMD3(random.normal(), random.normal(), random.normal()))
    }
    switch share {
    case ..<0.3:
      return SurfacePoint(
        position: SIMD3(12 * u - 6, roughness, 12 * v - 6), normal: SIMD3(0, 1, 0))
    case ..<0.4:
      return SurfacePoint(
        position: SIMD3(12 * u - 6, 4 * v, 6 - roughness), normal: SIMD3(0, 0, -1))
    case ..<0.5:
      return SurfacePoint(
        position: SIMD3(-6 + roughness, 4 * v, 12 * u - 6), normal: SIMD3(1, 0, 0))
    case ..<0.6:
      return SurfacePoint(
        position: SIMD3(6 - roughness, 4 * v, 12 * u - 6), normal: SIMD3(-1, 0, 0))
    case ..<0.9:
      let ball = balls[random.index(below: balls.count)]
      let normal = direction()
      return SurfacePoint(position: ball.center + ball.radius * normal, normal: normal)
    default:
      let leaf = SIMD3(2.5 * random.normal(), 2 + 0.8 * random.normal(), 2 + 2 * random.normal())
      return SurfacePoint(position: leaf, normal: direction())
    }
  }

  private static func add(
    _ point: SurfacePoint, growth: Double, to cloud: inout SplatCloud,
    _ random: inout RandomStream
  ) {
    func logScale() -> Float { Float(log(0.012 * growth) + 0.7 * random.normal()) }
    let thinness = Float(log(0.2))
    let p = point.position
    let opacity =
      random.uniform() < 0.6 ? random.uniform(in: 0.7...0.99) : random.uniform(in: 0.02...0.5)
    // The turn that takes z to the normal, after a spin about z.
    let facing = Quaternion<Double>(
      w: 1 + point.normal.z, x: -point.normal.y, y: point.normal.x, z: 0)
    let toNormal =
      facing.lengthSquared > 1e-9 ? facing.normalized : Quaternion(angle: .pi, axis: SIMD3(1, 0, 0))
    let spin = Quaternion<Double>(angle: random.uniform(in: 0...(2 * .pi)), axis: SIMD3(0, 0, 1))
    let turn = toNormal * spin
    cloud.positions.append(SIMD3<Float>(p))
    cloud.logScales.append(SIMD3(logScale(), logScale(), logScale() + thinness))
    cloud.rotations.append(
      Quaternion(w: Float(turn.w), x: Float(turn.x), y: Float(turn.y), z: Float(turn.z)))
    cloud.opacityLogits.append(Float(log(opacity / (1 - opacity))))
    let frequency = SIMD3(1.3, 2.1, 1.7)
    var colour = SIMD3<Float>.zero
    for channel in 0..<3 {
      let value = 0.5 + 0.5 * sin(p[channel] * frequency[channel] + Double(channel))
      colour[channel] = Float(min(max(value + 0.08 * random.normal(), 0), 1))
    }
    cloud.sh0.append((colour - 0.5) / PackedSplats.shConstant)
    // Uniform in +-0.052: a standard deviation of 0.03.
    for _ in 0..<cloud.restCoefficientCount * 3 {
      cloud.shRest.append(Float(random.uniform(in: -0.052...0.052)))
    }
  }

  /// A ball of radius 1 from `rings` bands of `rings` quadrilaterals.
  private static func ballMesh(rings: Int) -> TriangleMesh {
    var points: [SIMD3<Float>] = []
    for band in 0...rings {
      let latitude = Double(band) / Double(rings) * .pi
      for step in 0...rings {
        let longitude = Double(step) / Double(rings) * 2 * .pi
        points.append(
          SIMD3<Float>(
            SIMD3(
              latitude.sine * longitude.cosine, latitude.sine * longitude.sine, latitude.cosine)))
      }
    }
    var indices: [UInt32] = []
    for band in 0..<rings {
      for step in 0..<rings {
        let a = UInt32(band * (rings + 1) + step)
        let b = a + UInt32(rings + 1)
        indices += [a, b, b + 1, a, b + 1, a + 1]
      }
    }
    return TriangleMesh(positions: points, normals: points, indices: indices)
  }
}
