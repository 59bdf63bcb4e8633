// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

extension SplatPage {
  /// The page as the layers above leave it.
  ///
  /// Colours are stored anew in 256 steps, from black or the darkest to white or the brightest, so
  /// that they are off by what `errorBounds` says of the result, once more.
  ///
  /// - Parameters:
  ///   - rules: what happens to splats of this page's layer.
  ///   - cell: the page's cell.
  ///   - classes: what the page's instances are, in their order.
  /// - Returns: the page, nil where nothing of it is left.
  /// - Complexity: O(n) where something of it changes.
  func edited(by rules: LayerRules, in cell: CellID, classes: [SemanticClass]) -> SplatPage? {
    let edits = (0..<instances.count).map { place in
      rules.edits.filter { edit in
        switch edit.target {
        case .semanticClass(let target): classes[place] == target
        case .instance(let target): instances[place] == target
        }
      }
    }
    let isCut = rules.mayReplace(in: cell)
    guard isCut || edits.contains(where: { !$0.isEmpty }) else { return self }
    var slots: [Int] = []
    slots.reserveCapacity(count)
    for slot in 0..<count {
      let own = edits[instancePlace(slot)]
      if own.contains(where: { $0.leavesOut(place: self.place(slot)) }) { continue }
      if isCut, rules.replaces(point(slot, in: cell)) { continue }
      slots.append(slot)
    }
    guard !slots.isEmpty else { return nil }
    let kept = slots.count == count ? self : subset(slots)
    return kept.recoloured(edits.map { $0.filter { ![.remove, .thin].contains($0.action) } })
  }

  /// A splat's place within the page's extent, in 65536 steps each way.
  private func place(_ slot: Int) -> SIMD3<UInt32> {
    func coordinate(_ axis: Int) -> UInt32 {
      UInt32(columns[2 * axis * count + slot])
        | UInt32(columns[(2 * axis + 1) * count + slot]) << 8
    }
    return SIMD3(coordinate(0), coordinate(1), coordinate(2))
  }

  private func point(_ slot: Int, in cell: CellID) -> SIMD2<Double> {
    let place = SIMD3<Float>(place(slot))
    let local = ranges.positionLow + ranges.positionStep * place
    return SIMD2(cell.center.x + Double(local.x), cell.center.y + Double(local.y))
  }

  /// The page with some of its splats, in its order.
  private func subset(_ slots: [Int]) -> SplatPage {
    func picked<Value>(_ values: [Value]) -> [Value] {
      var result: [Value] = []
      result.reserveCapacity(values.count / count * slots.count)
      for column in 0..<values.count / count {
        for slot in slots { result.append(values[column * count + slot]) }
      }
      return result
    }
    return SplatPage(
      shDegree: shDegree, isAntialiased: isAntialiased, instances: instances, ranges: ranges,
      columns: (slots.count, picked(columns), picked(rest)))
  }

  /// The page with the colours that edits make, one list for each place in the list of instances.
  private func recoloured(_ edits: [[SceneEdit]]) -> SplatPage {
    guard edits.contains(where: { !$0.isEmpty }) else { return self }
    let high = ranges.colourLow + ranges.colourStep * 255
    var newRanges = ranges
    newRanges.colourLow = pointwiseMin(ranges.colourLow, .zero)
    newRanges.colourStep =
      (pointwiseMax(high, SIMD3(repeating: 1)) - newRanges.colourLow) / 255
    let shares = instances.map(ownShare)
    var (columns, rest) = (columns, rest)
    for slot in 0..<count {
      let place = instancePlace(slot)
      var colour = SIMD3<Float>()
      for channel in 0..<3 {
        let step = Float(columns[(Self.colourColumn + channel) * count + slot])
        colour[channel] = ranges.colourLow[channel] + ranges.colourStep[channel] * step
      }
      // What is left of the splat's own colour, which also decides its dependence on direction.
      var own: Float = 1
      for edit in edits[place] {
        let amount = edit.strength(
          ownShare: shares[place], upness: edit.action == .cover ? upness(slot) : 1)
        colour += amount * (edit.target(of: colour) - colour)
        own *= 1 - amount
      }
      for channel in 0..<3 {
        let step = (colour[channel] - newRanges.colourLow[channel]) / newRanges.colourStep[channel]
        columns[(Self.colourColumn + channel) * count + slot] =
          UInt8(max(0, min(255, step.rounded())))
      }
      guard own < 1 else { continue }
      for column in 0..<rest.count / count {
        let place = column * count + slot
        rest[place] = Int8((Float(rest[place]) * own).rounded())
      }
    }
    return SplatPage(
      shDegree: shDegree, isAntialiased: isAntialiased, instances: instances, ranges: newRanges,
      columns: (count, columns, rest))
  }

  /// How much a splat faces up, 0...1; half of it where it is no flat one.
  private func upness(_ slot: Int) -> Float {
    let scales = (0..<3).map { Int(columns[(Self.scaleColumn + $0) * count + slot]) }
    let thin = (0..<3).min { scales[$0] < scales[$1] } ?? 0
    let middle = scales.sorted()[1]
    let isFlat = Float(middle - scales[thin]) * ranges.logScaleStep > log(Float(2))
    guard isFlat else { return 0.5 }
    let q = rotation(slot)
    // The height that the ellipsoid's axes rise to, from the rotation's matrix.
    let heights = [
      2 * (q.x * q.z - q.w * q.y), 2 * (q.y * q.z + q.w * q.x), 1 - 2 * (q.x * q.x + q.y * q.y),
    ]
    let (low, high) = (cos(Float.pi / 4), cos(25 * Float.pi / 180))
    let t = max(0, min(1, (abs(heights[thin]) - low) / (high - low)))
    return t * t * (3 - 2 * t)
  }
}

/// The share of an edit's amount that is an instance's own, 0.25...1.
private func ownShare(_ instance: UInt32) -> Float {
  0.25 + 0.75 * Float(scrambled(instance) >> 8) / Float(1 << 24)
}

/// A number that looks like chance: the finaliser of MurmurHash3.
private func scrambled(_ value: UInt32) -> UInt32 {
  var bits = value
  bits = (bits ^ bits >> 16) &* 0x85EB_CA6B
  bits = (bits ^ bits >> 13) &* 0xC2B2_AE35
  return bits ^ bits >> 16
}

extension SceneEdit {
  /// Whether a splat at a place of its page is left out.
  fileprivate func leavesOut(place: SIMD3<UInt32>) -> Bool {
    switch action {
    case .remove: return true
    case .thin:
      let chance = scrambled(place.x ^ scrambled(place.y ^ scrambled(place.z)))
      return Double(chance) < amount * 4_294_967_296
    case .paint, .hue, .mottle, .cover: return false
    }
  }

  /// How far a splat goes to the target's colour, 0...1.
  fileprivate func strength(ownShare: Float, upness: Float) -> Float {
    switch action {
    case .remove, .thin: 0
    case .paint, .hue: Float(amount)
    case .mottle: Float(amount) * ownShare
    case .cover: Float(amount) * upness
    }
  }

  /// The colour that a splat of a colour goes to.
  fileprivate func target(of own: SIMD3<Float>) -> SIMD3<Float> {
    let colour = SIMD3<Float>(self.colour)
    guard action == .hue || action == .mottle else { return colour }
    let weights = SIMD3<Float>(0.2126, 0.7152, 0.0722)
    let brightness = max((colour * weights).sum(), 1e-3)
    return pointwiseMin(colour * (max((own * weights).sum(), 0) / brightness), SIMD3(repeating: 1))
  }
}
