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

  /// The nouns, with or without a colour, that an instruction may use for a thing.
  private func phrases(for object: NamedThing, among others: [NamedThing]) -> Set<String> {
    let all = Instruction.all(
      putting: object, to: whitePlate, objects: [object] + others, places: [whitePlate])
    return Set(all.map(\.object.phrase))
  }

  @Test func `uses no word that is true of another thing, though that has its own`() {
    func red(_ shape: String) -> NamedThing { NamedThing(shape: shape, colour: .red) }
    // A cube is a block, and both are prisms; so is a star.
    #expect(phrases(for: red("block"), among: [red("cube")]) == ["the bar", "the red bar"])
    #expect(phrases(for: red("cube"), among: [red("block")]) == ["the cube", "the red cube"])
    for other in ["cube", "block", "star"] {
      #expect(
        phrases(for: red("prism"), among: [red(other)])
          == ["the hexagonal prism", "the red hexagonal prism"], "\(other)")
    }
    // With a colour of its own, the wide word is enough.
    let purpleBlock = NamedThing(shape: "block", colour: .purple)
    #expect(
      phrases(for: purpleBlock, among: [red("cube")])
        == ["the bar", "the purple bar", "the purple block"])
    // A ball or a ring is none of them.
    #expect(phrases(for: red("block"), among: [red("ball"), red("ring")]).contains("the block"))
  }

  @Test(arguments: ["bowl", "tray"]) func `calls a plate no dish beside another`(shape: String) {
    let vessel = NamedThing(shape: shape, colour: .white)
    let texts = Instruction.all(
      putting: redBall, to: whitePlate, objects: [redBall], places: [whitePlate, vessel]
    ).map(\.text)
    #expect(texts.contains("put the red ball onto the white plate"))
    #expect(!texts.contains { $0.contains("dish") })
    let coloured = Instruction.all(
      putting: redBall, to: whitePlate, objects: [redBall],
      places: [whitePlate, NamedThing(shape: shape, colour: .blue)]
    ).map(\.place.phrase)
    #expect(coloured.contains("the white dish") && !coloured.contains("the dish"))
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

  @Test func `uses a noun for one shape only, and each shape has one that is true of no other`() {
    #expect(Set(Lexicon.nouns).count == Lexicon.nouns.count)
    for shape in WorldSchema.objectShapes + WorldSchema.placeShapes {
      let nouns = Lexicon.nouns(for: shape)
      #expect(nouns.allSatisfy { Lexicon.shapes(trueOf: $0).contains(shape) }, "\(shape)")
      #expect(nouns.contains { Lexicon.shapes(trueOf: $0) == [shape] }, "\(shape)")
    }
    #expect(Lexicon.shapes(trueOf: "teapot").isEmpty)
  }
}
