// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// A small scene in which every output has something to tell, in a capture's axes: y points down.
///
/// A chequered floor half a metre below the eye, a wall 6 m ahead whose colour changes with the
/// direction, three opaque balls on the floor, and before the last one a pane that lets half of
/// the light through.
enum StillLife {
  static var cloud: SplatCloud {
    var cloud = SplatCloud(shDegree: 1)
    for row in 0..<25 {
      for column in -12...12 {
        let shade: Float = (row / 2 + (column + 12) / 2) % 2 == 0 ? 0.75 : 0.35
        let place = SIMD3(Float(column) * 0.2, 0.5, 1.2 + Float(row) * 0.2)
        add(
          flat(at: place, normalAxis: 1, colourSRGB: SIMD3(shade, shade, shade * 0.9)), to: &cloud)
      }
    }
    for row in 0..<10 {
      for column in -12...12 {
        let place = SIMD3(Float(column) * 0.2, 0.4 - Float(row) * 0.2, 6)
        let wall = flat(at: place, normalAxis: 2, colourSRGB: SIMD3(0.5, 0.6, 0.7))
        add(wall, to: &cloud, redAlongX: 0.8)
      }
    }
    let balls: [(SIMD3<Float>, SIMD3<Float>)] = [
      (SIMD3(-0.9, 0.2, 3), SIMD3(0.9, 0.2, 0.15)), (SIMD3(0.1, 0.2, 3.8), SIMD3(0.2, 0.8, 0.25)),
      (SIMD3(1.1, 0.2, 4.6), SIMD3(0.15, 0.3, 0.9)),
    ]
    for (place, colour) in balls { addBall(at: place, colourSRGB: colour, to: &cloud) }
    for row in 0..<6 {
      for column in 0..<6 {
        let place = SIMD3(0.4 + Float(column) * 0.15, 0.4 - Float(row) * 0.15, 2.6)
        var pane = flat(at: place, normalAxis: 2, colourSRGB: SIMD3(0.95, 0.85, 0.2))
        pane.logScale += SIMD3(repeating: log(0.6))
        pane.opacityLogit = -0.7
        add(pane, to: &cloud)
      }
    }
    return cloud
  }

  private static func flat(
    at position: SIMD3<Float>, normalAxis: Int, colourSRGB: SIMD3<Float>
  ) -> Splat {
    var logScale = SIMD3<Float>(repeating: log(0.1))
    logScale[normalAxis] = log(0.002)
    return Splat(
      position: position, logScale: logScale, rotation: .identity, opacityLogit: 5,
      sh0: Splat.sh0(colourSRGB: colourSRGB))
  }

  /// Adds a ball of 0.3 m, its surface made of flat splats.
  private static func addBall(
    at center: SIMD3<Float>, colourSRGB: SIMD3<Float>, to cloud: inout SplatCloud
  ) {
    let count = 160
    for index in 0..<count {
      // Fibonacci's lattice: evenly over the sphere.
      let z = 1 - (2 * Float(index) + 1) / Float(count)
      let angle = Float(index) * 2.399_963
      let normal = SIMD3(
        (1 - z * z).squareRoot() * cos(angle), (1 - z * z).squareRoot() * sin(angle), z)
      let turn = Quaternion<Float>(
        w: 1 + normal.z, x: -normal.y, y: normal.x, z: 0)
      var splat = flat(at: center + 0.3 * normal, normalAxis: 2, colourSRGB: colourSRGB)
      splat.logScale += SIMD3(repeating: log(0.5))
      splat.rotation = turn.normalized
      add(splat, to: &cloud)
    }
  }

  private static func add(_ splat: Splat, to cloud: inout SplatCloud, redAlongX: Float = 0) {
    // The three coefficients of degree 1 stand for -y, z and -x; each has R, G and B.
    cloud.append(splat, rest: [0, 0, 0, 0, 0, 0, -redAlongX, 0, 0])
  }
}
