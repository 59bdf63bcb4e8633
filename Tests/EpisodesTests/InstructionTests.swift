// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Episodes
import Randomness
import Testing
import Worlds

@Suite struct `An instruction` {
  private let redCube = NamedThing(shape: "cube", colour: .red)
  private let blueCube = NamedThing(shape: "cube", colour: .blue)
  private let redBall = NamedThing(shape: "ball", colour: .red)
  private let whitePlate = NamedThing(shape: "plate", colour: .white)
  private let blueBowl = NamedThing(shape: "bowl", colour: .blue)

  @Test func `leaves the colour out only where the noun is enough`() {
    let all = Instruction.all(
      putting: redCube, to: whitePlate, objects: [redCube, blueCube], places: [whitePlate])
    let texts = all.map(\.text)
    #expect(texts.contains("put the red cube onto the white plate"))
    #expect(texts.contains("put the red cube onto the dish"))
    #expect(!texts.contains { $0.contains("the cube") })
    // One noun with its colour, two nouns with and without colour, twelve frames.
    #expect(all.count == 1 * 4 * 12)
  }

  @Test func `says into for what has walls`() {
    let texts = Instruction.all(
      putting: redBall, to: blueBowl, objects: [redBall], places: [blueBowl]
    ).map(\.text)
    #expect(texts.contains("could you put the sphere into the bowl?"))
    #expect(!texts.contains { $0.contains("onto") })
  }

  @Test func `is not made when two things cannot be told apart`() {
    let all = Instruction.all(
      putting: redCube, to: whitePlate, objects: [redCube, redCube], places: [whitePlate])
    #expect(all.isEmpty)
  }

  @Test func `is read back as the goal it was made of`() throws {
    let objects = [redCube, blueCube, redBall]
    let places = [whitePlate, blueBowl]
    let things = objects + places
    for object in objects {
      for place in places {
        let all = Instruction.all(putting: object, to: place, objects: objects, places: places)
        #expect(Set(all.map(\.text)).count == all.count)
        for instruction in all {
          let reading = try #require(Instruction.parse(instruction.text))
          #expect(reading == instruction)
          #expect(reading.object.resolve(among: things) == object)
          #expect(reading.place.resolve(among: things) == place)
        }
      }
    }
  }

  @Test(arguments: [
    "", "put", "put the red cube", "put the pink cube onto the plate",
    "put the red cube into the plate", "throw the red cube onto the plate",
    "put the red cube onto the plate now",
  ])
  func `of another language is not read`(text: String) {
    #expect(Instruction.parse(text) == nil)
  }

  @Test func `is drawn the same from the same stream`() {
    func draw(_ seed: UInt64) -> String? {
      var stream = RandomStream(seed: seed, purpose: "instruction")
      return Instruction.draw(
        putting: redCube, to: whitePlate, objects: [redCube], places: [whitePlate], from: &stream
      )?.text
    }
    #expect(draw(1) == draw(1))
    #expect(Set((0..<50).map(draw)).count > 20)
  }

  @Test func `has a noun for one shape only`() {
    #expect(Set(Lexicon.nouns).count == Lexicon.nouns.count)
  }
}
