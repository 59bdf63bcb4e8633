// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Images
import Meshes

/// A texture once more, slow and in doubles: asked for one place at a time.
///
/// Where the next pixels' places lie s texels apart, the farther of right and down, it is looked up
/// at the level log2(s): between two levels, and between the four texels around the place on each,
/// in linear light (Williams, "Pyramidal parametrics", 1983).
struct ReferenceTexture {
  /// The rows of each level, linear light, in steps of 1/65535.
  private let levels: [[[SIMD3<Double>]]]
  private let wrapU: MeshTexture.Wrap
  private let wrapV: MeshTexture.Wrap
  /// The rows of the full picture, and the least of them where the mesh is.
  private let cutout: (alpha: [[Double]], threshold: Double)?

  init(_ texture: MeshTexture) {
    let image = texture.image
    cutout = texture.cutout.map { cutout in
      let rows = (0..<image.height).map { y in
        (0..<image.width).map { x in Double(cutout.alpha[y * image.width + x]) / 255 }
      }
      return (rows, Double(cutout.threshold))
    }
    (wrapU, wrapV) = (texture.wrapU, texture.wrapV)
    func channel(_ x: Int, _ y: Int, _ c: Int) -> Double {
      SRGB.exactDecode(Double(image.bytes[3 * (y * image.width + x) + c]) / 255)
    }
    var level = (0..<image.height).map { y in
      (0..<image.width).map { x in SIMD3(channel(x, y, 0), channel(x, y, 1), channel(x, y, 2)) }
    }
    var levels = [level]
    while level.count > 1 || level[0].count > 1 {
      // Rows, then columns: a mean over a rectangle is one of means.
      level = Self.transposed(Self.halved(Self.transposed(Self.halved(level))))
      levels.append(level)
    }
    self.levels = levels.map { level in
      level.map { row in row.map { ($0 * 65_535).rounded(.toNearestOrEven) / 65_535 } }
    }
  }

  private static func transposed(_ rows: [[SIMD3<Double>]]) -> [[SIMD3<Double>]] {
    rows[0].indices.map { column in rows.map { $0[column] } }
  }

  /// Half as many rows, rounded down: each the mean of what it covers.
  private static func halved(_ rows: [[SIMD3<Double>]]) -> [[SIMD3<Double>]] {
    let count = max(1, rows.count / 2)
    let edge = Double(rows.count) / Double(count)
    return (0..<count).map { part in
      let (low, high) = (Double(part) * edge, Double(part + 1) * edge)
      return rows[0].indices.map { column in
        rows.indices.reduce(.zero) { sum, row in
          let share = min(high, Double(row + 1)) - max(low, Double(row))
          return share > 0 ? sum + share / edge * rows[row][column] : sum
        }
      }
    }
  }

  /// The light at a place; `across` and `down` lead from there to those of the next pixels.
  func light(
    at place: SIMD2<Double>, across: SIMD2<Double>, down: SIMD2<Double>
  ) -> SIMD3<Double> {
    let size = SIMD2(Double(levels[0][0].count), Double(levels[0].count))
    let spread = [across, down].map { ($0 * size * $0 * size).sum().squareRoot() }.max() ?? 0
    let level = min(max(log2(spread), 0), Double(levels.count - 1))
    let lower = Int(level)
    let share = level - Double(lower)
    let fine = light(at: place, level: lower)
    return share == 0 ? fine : fine * (1 - share) + share * light(at: place, level: lower + 1)
  }

  /// Whether the mesh is there, at a place that may be cut out.
  func isSolid(at place: SIMD2<Double>) -> Bool {
    guard let cutout else { return true }
    return between(cutout.alpha.map { $0.map { SIMD3($0, 0, 0) } }, at: place).x >= cutout.threshold
  }

  private func light(at place: SIMD2<Double>, level: Int) -> SIMD3<Double> {
    between(levels[level], at: place)
  }

  /// What four texels around a place show.
  private func between(_ rows: [[SIMD3<Double>]], at place: SIMD2<Double>) -> SIMD3<Double> {
    let x = place.x * Double(rows[0].count) - 0.5
    let y = place.y * Double(rows.count) - 0.5
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    func texel(_ right: Int, _ down: Int) -> SIMD3<Double> {
      let row = rows[Self.place(of: Int(top) + down, in: rows.count, wrapV)]
      return row[Self.place(of: Int(left) + right, in: row.count, wrapU)]
    }
    let (u, v) = (x - left, y - top)
    let upper = texel(0, 0) * (1 - u) + texel(1, 0) * u
    let lower = texel(0, 1) * (1 - u) + texel(1, 1) * u
    return upper * (1 - v) + lower * v
  }

  /// The texel of a row or column without end that is the one asked for.
  private static func place(of texel: Int, in count: Int, _ wrap: MeshTexture.Wrap) -> Int {
    func remainder(_ divisor: Int) -> Int { (texel % divisor + divisor) % divisor }
    switch wrap {
    case .repeated: return remainder(count)
    case .clamped: return min(max(texel, 0), count - 1)
    case .mirrored:
      let inPair = remainder(2 * count)
      return min(inPair, 2 * count - 1 - inPair)
    }
  }
}

/// Where a triangle lies on its mesh's texture.
struct ReferencePaint {
  private let texture: ReferenceTexture
  /// Of the corners.
  private let places: [SIMD2<Double>]

  /// Nil where the mesh has no texture; `texture` is that of the mesh.
  init?(_ mesh: TriangleMesh, _ vertices: [Int], _ texture: ReferenceTexture?) {
    guard let texture else { return nil }
    self.texture = texture
    places = vertices.map { SIMD2<Double>(mesh.textureCoordinates[$0]) }
  }

  /// Whether the mesh is there, at a point with the corners' weights up to a common factor.
  func isSolid(_ weights: [Double]) -> Bool {
    let place = (0..<3).reduce(SIMD2<Double>.zero) { $0 + weights[$1] * places[$1] }
    return texture.isSolid(at: place / weights.reduce(0, +))
  }

  /// The light at a point with the corners' weights given up to a common factor, and how those
  /// change to the next pixels.
  func light(_ weights: [Double], across: [Double], down: [Double]) -> SIMD3<Double> {
    let sum = weights.reduce(0, +)
    func place(_ weights: [Double]) -> SIMD2<Double> {
      (0..<3).reduce(.zero) { $0 + weights[$1] * places[$1] }
    }
    let here = place(weights) / sum
    // Of the quotient of place(weights) and their sum.
    func change(_ step: [Double]) -> SIMD2<Double> {
      (place(step) - here * step.reduce(0, +)) / sum
    }
    return texture.light(at: here, across: change(across), down: change(down))
  }
}
