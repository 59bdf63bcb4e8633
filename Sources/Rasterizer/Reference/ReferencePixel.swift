// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images

/// What a pixel sees of a splat.
struct ReferenceMeeting {
  var alpha: Double
  /// Metres.
  var depth: Double
  /// Display-referred sRGB.
  var colour: SIMD3<Double>
  /// Unit, in the camera's frame.
  var normal: SIMD3<Double>
  var instance: UInt32
}

/// What one pixel adds up, front to back.
struct ReferencePixel {
  /// The sum of weight times colour.
  private(set) var colour = SIMD3<Double>.zero
  /// The sum of weight times depth, metres.
  private(set) var weightedDepth = 0.0
  private var weightedNormal = SIMD3<Double>.zero
  private var medianDepth: Double?
  private var firstDepth: Double?
  /// The light that is left.
  private(set) var transmittance = 1.0
  /// The instances of splats, in the order in which they were met, at most four.
  private var shares: [(instance: UInt32, share: Double)] = []

  mutating func blend(
    _ splats: some Sequence<ReferenceMeeting>, surface: ReferenceSurface?, rules: ViewRules
  ) {
    for splat in splats {
      let depth = splat.depth
      if let surface, depth >= surface.depth { continue }
      let alpha = min(splat.alpha, Double(rules.maximumAlpha))
      guard alpha >= 1.0 / 255 else { continue }
      let left = transmittance * (1 - alpha)
      guard left >= Double(rules.minimumTransmittance) else { return }
      let weight = transmittance * alpha
      colour += weight * splat.colour
      weightedDepth += weight * depth
      weightedNormal += weight * splat.normal
      count(splat.instance, weight)
      transmittance = left
      if left < 0.5, medianDepth == nil { medianDepth = depth }
      if left < 0.9, firstDepth == nil { firstDepth = depth }
    }
  }

  private mutating func count(_ instance: UInt32, _ weight: Double) {
    if let known = shares.firstIndex(where: { $0.instance == instance }) {
      shares[known].share += weight
    } else if shares.count < 4 {
      shares.append((instance, weight))
    } else if let least = shares.indices.min(by: { shares[$0].share < shares[$1].share }),
      weight > shares[least].share
    {
      shares[least] = (instance, weight)
    }
  }

  /// Red, green and blue with the exposure, and alpha.
  func shown(before surface: ReferenceSurface?, _ request: RenderRequest) -> SIMD4<Double> {
    let behind = surface?.colour ?? SIMD3<Double>(request.backgroundSRGB)
    let value = (colour + transmittance * behind) * Double(request.illumination.exposure)
    return SIMD4(value, surface == nil ? 1 - transmittance : 1)
  }

  /// Writes what `shown` tells.
  static func write(_ shown: SIMD4<Double>, to rendering: inout Rendering, at pixel: Int) {
    for channel in 0..<3 {
      let clamped = min(max(shown[channel], 0), 1)
      rendering.colour.bytes[pixel * 3 + channel] = UInt8(clamped * 255 + 0.5)
      if !rendering.floatColour.isEmpty {
        rendering.floatColour[pixel * 3 + channel] = Float(shown[channel])
      }
    }
    rendering.alpha.values[pixel] = Float(shown.w)
  }

  func write(
    to rendering: inout Rendering, x: Int, y: Int, surface: ReferenceSurface?,
    request: RenderRequest
  ) {
    let at = y * request.camera.width + x
    Self.write(shown(before: surface, request), to: &rendering, at: at)
    writeSurface(to: &rendering, at: at, surface: surface, outputs: request.outputs)
    writeLabels(to: &rendering, at: at, surface: surface, request: request)
  }

  private func writeSurface(
    to rendering: inout Rendering, at: Int, surface: ReferenceSurface?, outputs: RenderOutputs
  ) {
    let alpha = surface == nil ? 1 - transmittance : 1
    if outputs.contains(.depth) {
      let depth = (weightedDepth + transmittance * (surface?.depth ?? 0)) / alpha
      rendering.depth.values[at] = alpha >= 0.5 ? Float(depth) : 0
    }
    if outputs.contains(.medianDepth) {
      rendering.medianDepth.values[at] = Float(medianDepth ?? surface?.depth ?? 0)
    }
    if outputs.contains(.owners) {
      let behind = surface.map { UInt32(2 + $0.mesh) } ?? 0
      rendering.owners.ids[at] = medianDepth == nil ? behind : 1
    }
    if outputs.contains(.firstDepth) {
      rendering.firstDepth.values[at] = Float(firstDepth ?? surface?.depth ?? 0)
    }
    if outputs.contains(.normals) {
      let sum = weightedNormal + transmittance * (surface?.normal ?? .zero)
      let normal = alpha >= 0.5 && length(sum) > 0 ? normalize(sum) : .zero
      for axis in 0..<3 { rendering.normals.values[at * 3 + axis] = Float(normal[axis]) }
    }
  }

  private func writeLabels(
    to rendering: inout Rendering, at: Int, surface: ReferenceSurface?, request: RenderRequest
  ) {
    let behind = (instance: surface?.instance ?? 0, share: transmittance)
    let seen = Self.largest(shares + [behind])
    if request.outputs.contains(.instances) { rendering.instances.ids[at] = seen.thing }
    if request.outputs.contains(.coverage) { rendering.coverage.values[at] = Float(seen.share) }
    if request.outputs.contains(.semantics) {
      func classOf(_ instance: UInt32) -> UInt32 {
        Int(instance) < request.classes.count ? request.classes[Int(instance)] : 0
      }
      let classes = (shares + [behind]).map { (instance: classOf($0.instance), share: $0.share) }
      rendering.semantics.ids[at] = Self.largest(classes).thing
    }
  }

  /// Adds the shares of equal things; of equal sums the thing met last wins.
  private static func largest(
    _ shares: [(instance: UInt32, share: Double)]
  ) -> (thing: UInt32, share: Double) {
    var best: (thing: UInt32, share: Double) = (0, -1)
    for (place, (thing, _)) in shares.enumerated()
    where !shares[..<place].contains(where: { $0.instance == thing }) {
      let sum = shares.filter { $0.instance == thing }.reduce(0) { $0 + $1.share }
      if sum >= best.share { best = (thing, sum) }
    }
    return best
  }
}
