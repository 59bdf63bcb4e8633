// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Smooth noise in space: random values on a lattice of spacing one, blended between its points.
///
/// Each lattice value is a hash of its coordinates and the seed, so the noise has no state and any
/// place can be asked in any order.
struct ValueNoise: Sendable {
  let seed: UInt32

  /// Returns the random number, in 0..<1, that belongs to three integers.
  func value(_ x: Int32, _ y: Int32, _ z: Int32 = 0) -> Float {
    var h = seed
    for part in [x, y, z] {
      h ^= UInt32(bitPattern: part)
      // The 32-bit finaliser of MurmurHash3 (Appleby).
      h = (h ^ (h >> 16)) &* 0x85EB_CA6B
      h = (h ^ (h >> 13)) &* 0xC2B2_AE35
      h ^= h >> 16
    }
    return Float(h >> 8) * 0x1p-24
  }

  /// Returns the noise at a place, in 0...1.
  func callAsFunction(_ p: SIMD3<Float>) -> Float {
    let cell = p.rounded(.down)
    let f = p - cell
    // 3 t^2 - 2 t^3 has no slope at the lattice points.
    let s = f * f * (3 - 2 * f)
    let (x, y, z) = (Int32(cell.x), Int32(cell.y), Int32(cell.z))
    func edge(_ dy: Int32, _ dz: Int32) -> Float {
      mix(value(x, y + dy, z + dz), value(x + 1, y + dy, z + dz), s.x)
    }
    return mix(mix(edge(0, 0), edge(1, 0), s.y), mix(edge(0, 1), edge(1, 1), s.y), s.z)
  }

  /// Returns the sum of octaves of noise, each twice as fine and half as strong, in 0...1.
  func octaves(_ p: SIMD3<Float>, _ count: Int = 3) -> Float {
    var (sum, weight, total, place) = (Float(0), Float(1), Float(0), p)
    for _ in 0..<count {
      sum += weight * self(place)
      total += weight
      weight /= 2
      // The shift keeps the octaves' lattices apart.
      place = place * 2 + 17.3
    }
    return sum / total
  }
}

/// Returns the number a share `t` of the way from `a` to `b`.
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

/// Returns the colour a share `t` of the way from `a` to `b`.
func mix(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ t: Float) -> SIMD3<Float> { a + (b - a) * t }

/// Returns 0 below `low`, 1 above `high`, and a smooth step between.
func smoothStep(_ low: Float, _ high: Float, _ x: Float) -> Float {
  let t = min(max((x - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}
