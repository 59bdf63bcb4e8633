// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
package import Simulation
package import Worlds

/// Everything that one attempt at an episode left to chance, as it fell.
///
/// An episode is played from its draw alone, so a recorded draw replays the episode; `init(json:)`
/// reads one back. Lengths are metres in the world, angles radians, colours display-referred sRGB.
package struct EpisodeDraw: Encodable, Equatable, Sendable {
  /// The episode's index in the run.
  package var episode: Int
  /// Which of the world's attempts this is, from 0.
  package var attempt: Int
  /// The instruction.
  package var instruction: String
  /// The objects; the first is the one to move.
  package var objects: [DrawnThing]
  /// The places; the first is the goal.
  package var places: [DrawnThing]
  /// The light on meshes, and the exposure of everything.
  package var light: DrawnLight
  /// How far each camera is from where the world file puts it, in the file's order.
  package var cameras: [CameraShift]
}

/// A thing on the table.
package struct DrawnThing: Encodable, Equatable, Sendable {
  /// The shape's word in the world file.
  package var shape: String
  /// The colour's name.
  package var colour: NamedColour
  /// The colour as drawn, after jitter.
  package var colourSRGB: SIMD3<Float>
  /// Where the footprint's centre stands on the table, metres.
  package var position: SIMD2<Double>
  /// The turn about z, radians.
  package var yaw: Double

  /// The words that can name it.
  package var name: NamedThing { NamedThing(shape: shape, colour: colour) }
}

/// The light of an episode.
package struct DrawnLight: Encodable, Equatable, Sendable {
  /// The sky light on meshes, as a factor.
  package var ambient: Double
  /// The sun light on meshes, as a factor.
  package var sun: Double
  /// The direction towards the sun from east towards north, radians.
  package var sunAzimuth: Double
  /// The sun's height above the horizon, radians.
  package var sunElevation: Double
  /// The factor on everything that a camera sees, splats too.
  package var exposure: Double
}

/// A small displacement of a camera in its own frame.
package struct CameraShift: Encodable, Equatable, Sendable {
  /// The shift, metres.
  package var position: SIMD3<Double>
  /// The rotation vector: axis times angle, radians.
  package var rotation: SIMD3<Double>
}

extension DrawnThing {
  /// The specimen, where the thing is an object.
  package var object: ObjectGeometry? { ObjectShape(rawValue: shape)?.geometry }
  /// The place, where the thing is one.
  package var place: PlaceGeometry? { PlaceShape(rawValue: shape)?.geometry }

  /// The radius of the circle that holds it on the table, metres.
  package var footprintRadius: Double {
    guard let radius = object?.footprintRadius ?? place?.footprintRadius else {
      preconditionFailure("a thing has a shape that the program knows, not “\(shape)”")
    }
    return radius
  }

  /// Whether all of it stands on what the scene has to stand on.
  func stands(on support: SupportSurface) -> Bool {
    support.holds(position, radius: footprintRadius)
  }
}

extension EpisodeDraw {
  /// Draws an attempt at an episode; the streams depend on nothing but the five arguments.
  ///
  /// Returns nil when the things do not fit on the table, within reach and with their gaps, which
  /// `layoutTryCount` layouts in a row have then shown.
  ///
  /// - Parameters:
  ///   - world: What may be drawn.
  ///   - support: What things may stand on.
  ///   - seed: The run's seed.
  ///   - episode: The episode's index in the run.
  ///   - attempt: Which of the world's attempts this is.
  /// - Returns: The draw, or nil.
  package static func draw(
    world: World, support: SupportSurface, seed: UInt64, episode: Int, attempt: Int
  ) -> EpisodeDraw? {
    func stream(_ purpose: String) -> RandomStream {
      RandomStream(
        seed: seed, episode: UInt32(episode), purpose: purpose, tick: UInt32(attempt))
    }
    var things = stream("things")
    var layout = stream("layout")
    for _ in 0..<layoutTryCount {
      var cast = Cast(world: world, from: &things)
      guard cast.lay(world: world, on: support, from: &layout) else {
        continue
      }
      var words = stream("instruction")
      guard
        let instruction = Instruction.draw(
          putting: cast.objects[0].name, to: cast.places[0].name,
          objects: cast.objects.map(\.name), places: cast.places.map(\.name), from: &words)
      else { continue }
      var light = stream("light")
      var cameras = stream("cameras")
      return EpisodeDraw(
        episode: episode, attempt: attempt, instruction: instruction.text, objects: cast.objects,
        places: cast.places, light: DrawnLight(world.randomisation, from: &light),
        cameras: world.cameras.map { _ in CameraShift(world.randomisation, from: &cameras) })
    }
    return nil
  }

  /// Layouts tried before a workspace is called too small.
  private static let layoutTryCount = 100
}

/// The things of an episode while they are being drawn.
private struct Cast {
  var objects: [DrawnThing]
  var places: [DrawnThing]

  /// Draws shapes and colours; no two things share both.
  init(world: World, from stream: inout RandomStream) {
    let distractorCount = stream.index(in: world.task.distractors)
    let decoyCount = stream.index(in: world.task.decoyPlaces)
    let jitter = world.randomisation.colourJitter
    objects = Self.things(world.objects, count: 1 + distractorCount, jitter, from: &stream)
    for index in objects.indices {
      objects[index].yaw = stream.uniform(in: world.randomisation.objectYaw)
    }
    places = Self.things(world.places, count: 1 + decoyCount, jitter, from: &stream)
    for index in places.indices {
      places[index].yaw = stream.uniform(in: world.randomisation.placeYaw)
    }
  }

  private static func things(
    _ catalogue: [CatalogueEntry], count: Int, _ jitter: Double, from stream: inout RandomStream
  ) -> [DrawnThing] {
    let all = catalogue.flatMap { entry in
      entry.colours.map { NamedThing(shape: entry.shape, colour: $0) }
    }
    return stream.shuffled(all).prefix(count).map { thing in
      DrawnThing(
        shape: thing.shape, colour: thing.colour,
        colourSRGB: shade(of: thing.colour, jitter, from: &stream), position: .zero, yaw: 0)
    }
  }

  /// Draws a colour that its name is still the nearest name of.
  private static func shade(
    of name: NamedColour, _ jitter: Double, from stream: inout RandomStream
  ) -> SIMD3<Float> {
    precondition(jitter <= NamedColour.largestJitter, "a jitter that the file format allows")
    for _ in 0..<shadeTryCount {
      let noise = (0..<3).map { _ in Float(stream.uniform(in: -1...1) * jitter) }
      let shade = (name.colourSRGB + SIMD3(noise[0], noise[1], noise[2]))
        .clamped(lowerBound: .zero, upperBound: .one)
      if NamedColour.nearest(to: shade) == name { return shade }
    }
    preconditionFailure("more than half of the shades of \(name) are nearest to it")
  }

  /// Shades tried for one thing: that all fail has a chance below 1 in 2^64.
  private static let shadeTryCount = 64

  /// Gives every thing a spot on the table, big ones first; false when they do not fit.
  mutating func lay(
    world: World, on support: SupportSurface, from stream: inout RandomStream
  ) -> Bool {
    var taken: [(center: SIMD2<Double>, radius: Double)] = []
    for index in places.indices {
      guard place(&places[index], world, support, &taken, &stream) else { return false }
    }
    for index in objects.indices {
      guard place(&objects[index], world, support, &taken, &stream) else { return false }
    }
    return true
  }

  private func place(
    _ thing: inout DrawnThing, _ world: World, _ support: SupportSurface,
    _ taken: inout [(center: SIMD2<Double>, radius: Double)], _ stream: inout RandomStream
  ) -> Bool {
    let radius = thing.footprintRadius
    let reach = thing.place == nil ? world.task.objectReach : world.task.placeReach
    for _ in 0..<Self.spotTryCount {
      let (distance, bearing) = (
        stream.uniform(in: reach), stream.uniform(in: world.task.bearing)
      )
      let spotInBase = SIMD3(distance * bearing.cosine, distance * bearing.sine, 0)
      let spotInWorld = world.robot.worldFromBase * spotInBase
      let spot = SIMD2(spotInWorld.x, spotInWorld.y)
      thing.position = spot
      let isFree = taken.allSatisfy { other in
        let offset = spot - other.center
        let least = radius + other.radius + world.task.gap
        return (offset * offset).sum() >= least * least
      }
      guard thing.stands(on: support), isFree else { continue }
      taken.append((spot, radius))
      return true
    }
    return false
  }

  /// Spots tried for one thing before its layout is given up.
  private static let spotTryCount = 100
}

extension DrawnLight {
  fileprivate init(_ ranges: Randomisation, from stream: inout RandomStream) {
    self.init(
      ambient: stream.uniform(in: ranges.ambient), sun: stream.uniform(in: ranges.sun),
      sunAzimuth: stream.uniform(in: ranges.sunAzimuth),
      sunElevation: stream.uniform(in: ranges.sunElevation),
      exposure: stream.uniform(in: ranges.exposure))
  }
}

extension CameraShift {
  fileprivate init(_ ranges: Randomisation, from stream: inout RandomStream) {
    func vector(_ bound: Double) -> SIMD3<Double> {
      let range = -bound...bound
      return SIMD3(
        stream.uniform(in: range), stream.uniform(in: range), stream.uniform(in: range))
    }
    self.init(
      position: vector(ranges.cameraPosition), rotation: vector(ranges.cameraAngle))
  }
}

extension RandomStream {
  /// Returns a whole number in a range, each as likely.
  fileprivate mutating func index(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + index(below: range.count)
  }
}
