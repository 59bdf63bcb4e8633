// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Episodes
import Foundation
import Geometry
import Simulation
import Testing
import Worlds

@Suite struct `Episode draw` {
  private let world: World

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

  @Test func `is the same after a trip through JSON`() throws {
    let draw = try draw(7)
    let bytes = try JSONEncoder().encode(draw)
    #expect(try JSONDecoder().decode(EpisodeDraw.self, from: bytes) == draw)
  }

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
