// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Episodes
import Files
import Geometry
import Simulation
import Testing
import Worlds

@Suite struct `Episode draw` {
  private let world: World
  private let table = SupportSurface(
    top: .rectangle(halfSizes: SIMD2(0.6, 0.4)), thickness: 0.04, groundLevel: -0.74)

  init() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    world = try WorldReader.world(from: text, file: "tabletop.yaml", environment: [:])
  }

  private func draw(_ episode: Int, attempt: Int = 0, seed: UInt64 = 1) throws -> EpisodeDraw {
    try #require(
      EpisodeDraw.draw(
        world: world, support: .ground, seed: seed, episode: episode, attempt: attempt))
  }

  @Test func `depends on seed, episode and attempt alone`() throws {
    #expect(try draw(3) == draw(3))
    #expect(try draw(3) != draw(4))
    #expect(try draw(3) != draw(3, attempt: 1))
    #expect(try draw(3) != draw(3, seed: 2))
  }

  @Test func `keeps things apart, inside, and named by one sentence`() throws {
    for episode in 0..<200 {
      let draw = try draw(episode)
      let things = (draw.objects + draw.places).map { ($0, $0.footprintRadius) }
      for (index, (thing, radius)) in things.enumerated() {
        // The base stands at (-0.22, 0), looking along x.
        let offset = thing.position - SIMD2(-0.22, 0)
        let distance = (offset * offset).sum().squareRoot()
        #expect((0.184...0.311).contains(distance))
        for (other, otherRadius) in things[..<index] {
          let offset = thing.position - other.position
          let distance = (offset * offset).sum().squareRoot()
          #expect(distance >= radius + otherRadius + world.task.gap - 1e-12)
        }
      }
      let reading = try #require(Instruction.parse(draw.instruction))
      let names = things.map(\.0.name)
      #expect(reading.object.resolve(among: names) == draw.objects[0].name)
      #expect(reading.place.resolve(among: names) == draw.places[0].name)
      #expect((2...4).contains(draw.objects.count))
    }
  }

  @Test func `draws every object and place as a goal`() throws {
    let draws = try (0..<200).map { try draw($0) }
    #expect(Set(draws.map { $0.objects[0].shape }) == Set(world.objects.map(\.shape)))
    #expect(Set(draws.map { $0.places[0].shape }) == Set(world.places.map(\.shape)))
    #expect(Set(draws.map(\.instruction)).count > 150)
  }

  @Test func `turns every thing by itself, as far as the file allows`() throws {
    var world = world
    let (objectYaw, placeYaw) = (0.5...1.5, -3.0 ... -1.0)
    world.randomisation.objectYaw = objectYaw
    world.randomisation.placeYaw = placeYaw
    var yaws: [Double] = []
    for episode in 0..<50 {
      let draw = try #require(
        EpisodeDraw.draw(world: world, support: .ground, seed: 1, episode: episode, attempt: 0))
      #expect(draw.objects.allSatisfy { objectYaw.contains($0.yaw) })
      #expect(draw.places.allSatisfy { placeYaw.contains($0.yaw) })
      yaws += draw.places.map(\.yaw)
      for (placement, thing) in zip(draw.placements, draw.objects + draw.places) {
        #expect(placement.yaw == thing.yaw)
      }
    }
    #expect(Set(yaws).count == yaws.count)
    #expect((yaws.min() ?? 0) < -2.8 && (yaws.max() ?? -3) > -1.2)
  }

  @Test func `gives colours that their names are the nearest of`() throws {
    var world = world
    world.randomisation.colourJitter = NamedColour.largestJitter
    world.objects = [world.objects[2]]
    world.objects[0].colours = NamedColour.allCases
    world.task.distractors = 7...7
    world.task.objectReach = 0.1...0.35
    var changes: [Float] = []
    for episode in 0..<200 {
      let draw = try #require(
        EpisodeDraw.draw(world: world, support: .ground, seed: 3, episode: episode, attempt: 0))
      for thing in draw.objects + draw.places {
        let name = thing.colour
        let distances = NamedColour.allCases.map { colour in
          (colour, length(colour.colourSRGB - thing.colourSRGB))
        }
        let own = length(name.colourSRGB - thing.colourSRGB)
        #expect(distances.allSatisfy { $0.0 == name || $0.1 > own }, "\(thing)")
        let change = thing.colourSRGB - name.colourSRGB
        changes += [change.x, change.y, change.z].map(abs)
      }
    }
    #expect((changes.max() ?? 0) <= Float(NamedColour.largestJitter) + 1e-6)
    #expect((changes.max() ?? 0) > 0.95 * Float(NamedColour.largestJitter))
  }

  @Test func `is the same after a trip through JSON`() throws {
    for episode in 0..<200 {
      let draw = try draw(episode, attempt: episode % 3)
      let text = try draw.json.indentedText
      #expect(try read(text) == draw)
    }
  }

  @Test(arguments: [
    (#""shape": "can""#, #""shape": "cone""#, "objects[1].shape"),
    (#""shape": "tray""#, #""shape": "can""#, "places[0].shape"),
    (#""colour": "green""#, #""colour": "mauve""#, "objects[0].colour"),
    (#""yaw": 0.5"#, #""yaw": 50"#, "objects[0].yaw"),
    (#""yaw": 0.5"#, #""yaw": true"#, "objects[0].yaw"),
    (#""yaw": 0.5,"#, "", "objects[0].yaw"),
    (#""yaw": 0.5"#, #""yaw": 0.5, "pitch": 0"#, "objects[0].pitch"),
    (#""position": [0.05, 0.1]"#, #""position": [0.05, 0.39]"#, "objects[0].position"),
    (#""position": [0.05, 0.1]"#, #""position": [0.05]"#, "objects[0].position"),
    (#""position": [0.05, 0.1]"#, #""position": [0.05, [0.1]]"#, "objects[0].position"),
    (#""colourSRGB": [0.1, 0.5, 0.2]"#, #""colourSRGB": [0.1, 1.5, 0.2]"#, "objects[0].colourSRGB"),
    ("the green cube", "the red cube", "instruction"),
    ("the tray", "the bowl", "instruction"),
    ("put the green cube into", "throw the green cube into", "instruction"),
    (#""exposure": 1"#, #""exposure": 0"#, "light.exposure"),
    (#""attempt": 0"#, #""attempt": 3"#, "attempt"),
    (#""attempt": 0"#, #""attempt": -1"#, "attempt"),
    (#", {"position": [0, 0, 0], "rotation": [0, 0, 0]}]"#, "]", "cameras"),
    (#""rotation": [0, 0, 0]}]"#, #""rotation": [0, 0, 1]}]"#, "cameras[1].rotation"),
    (#""objects": ["#, #""objects": [], "things": ["#, "things"),
    (#"{"shape": "tray""#, #"7, {"shape": "tray""#, "places[0]"),
  ])
  func `that somebody changed is refused by its key`(
    old: String, new: String, field: String
  ) throws {
    _ = try read(Self.text)
    let changed = Self.text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != Self.text, "the change was made")
    let error = #expect(throws: InputError.self) { _ = try read(changed) }
    #expect(error?.field == "episodes[0].draw.\(field)", "\(String(describing: error))")
  }

  private func read(_ text: String) throws -> EpisodeDraw {
    let value = try JSONValue(file: "diorama.json", bytes: Array(text.utf8))
    return try EpisodeDraw(
      json: try JSONFields(file: "diorama.json", path: "episodes[0].draw", value), world: world,
      support: table)
  }

  /// A draw as a dataset of `tabletop` might record it.
  private static let text = """
    {"episode": 4, "attempt": 0, "instruction": "put the green cube into the tray",
    "objects": [
    {"shape": "cube", "colour": "green", "yaw": 0.5, "position": [0.05, 0.1],
    "colourSRGB": [0.1, 0.5, 0.2]},
    {"shape": "can", "colour": "green", "yaw": 0, "position": [0, -0.1],
    "colourSRGB": [0.1, 0.5, 0.2]}],
    "places": [{"shape": "tray", "colour": "white", "yaw": 0, "position": [-0.05, 0],
    "colourSRGB": [1, 1, 1]}],
    "light": {"ambient": 0.5, "sun": 0.6, "sunAzimuth": 0, "sunElevation": 1, "exposure": 1},
    "cameras": [{"position": [0, 0, 0], "rotation": [0, 0, 0]}\
    , {"position": [0, 0, 0], "rotation": [0, 0, 0]}]}
    """

  @Test func `is nothing when there is too little room`() throws {
    var small = world
    small.task.bearing = 0...0.1
    let draw = EpisodeDraw.draw(world: small, support: .ground, seed: 1, episode: 0, attempt: 0)
    #expect(draw == nil)
  }

  @Test(arguments: [TableTop.rectangle(halfSizes: SIMD2(0.6, 0.4)), .disc(radius: 0.7)])
  func `is nothing when the robot reaches no table`(top: TableTop) throws {
    let table = SupportSurface(top: top, thickness: 0.03, groundLevel: -0.7)
    #expect(
      EpisodeDraw.draw(world: world, support: table, seed: 1, episode: 0, attempt: 0) != nil)
    var away = world
    away.robot.worldFromBase.translation.x = 5
    #expect(
      EpisodeDraw.draw(world: away, support: table, seed: 1, episode: 0, attempt: 0) == nil)
  }

  @Test func `keeps things on a round table`() throws {
    // The robot at -0.22 reaches 0.09 along x; a table of 0.16 m cuts that off to the sides.
    let table = SupportSurface(top: .disc(radius: 0.16), thickness: 0.03, groundLevel: -0.7)
    var farthest = 0.0
    for episode in 0..<20 {
      let draw = try #require(
        EpisodeDraw.draw(world: world, support: table, seed: 1, episode: episode, attempt: 0))
      for thing in draw.objects + draw.places {
        let distance = (thing.position * thing.position).sum().squareRoot()
        farthest = max(farthest, distance + thing.footprintRadius)
      }
    }
    #expect((0.1...0.16).contains(farthest))
  }
}
