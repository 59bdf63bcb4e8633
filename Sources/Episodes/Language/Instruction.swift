// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Randomness
import Worlds

/// A sentence that asks for an object to be put onto or into a place.
///
/// The grammar runs both ways: `instruction(…)` makes a sentence of a goal, `parse` reads a
/// sentence back. An instruction is used only when what is read back, resolved among the things
/// that are really there, is the goal again; so it is true and names one thing only.
package struct Instruction: Equatable, Sendable {
  /// The words for the object.
  package let object: Referent
  /// The words for the place.
  package let place: Referent
  /// The sentence's frame, an index into `frames`.
  private let frame: Int

  /// Sentence frames; {o} is the object, {r} is `onto` or `into`, {p} is the place.
  static let frames = [
    "put {o} {r} {p}", "place {o} {r} {p}", "set {o} down {r} {p}", "move {o} {r} {p}",
    "pick up {o} and put it {r} {p}", "take {o} and place it {r} {p}",
    "grab {o} and set it {r} {p}", "please put {o} {r} {p}", "could you put {o} {r} {p}?",
    "{o} goes {r} {p}", "lift {o} and lower it {r} {p}", "bring {o} over and put it {r} {p}",
  ]

  /// The sentence, in lower case.
  package var text: String {
    Self.frames[frame]
      .replacing("{o}", with: object.phrase).replacing("{p}", with: place.phrase)
      .replacing("{r}", with: Self.relation(to: place))
  }

  /// Whether the place's noun asks for `into` or `onto`.
  private static func relation(to place: Referent) -> String {
    let shape = WorldSchema.placeShapes.first { Lexicon.nouns(for: $0).contains(place.noun) }
    return shape.map(Lexicon.isContainer) == true ? "into" : "onto"
  }

  /// Returns every sentence that names the goal, and only the goal, among the things that are
  /// there.
  ///
  /// - Parameters:
  ///   - object: What shall be moved; one of `objects`.
  ///   - place: Where it shall go; one of `places`.
  ///   - objects: Every object in the scene.
  ///   - places: Every place in the scene.
  /// - Returns: The sentences in a fixed order; none when two things cannot be told apart.
  package static func all(
    putting object: NamedThing, to place: NamedThing, objects: [NamedThing], places: [NamedThing]
  ) -> [Instruction] {
    let things = objects + places
    return referents(for: object, among: things).flatMap { objectWords in
      referents(for: place, among: things).flatMap { placeWords in
        frames.indices.map { Instruction(object: objectWords, place: placeWords, frame: $0) }
      }
    }
  }

  /// Returns one of `all`, drawn from the stream, or nil when the goal cannot be named.
  package static func draw(
    putting object: NamedThing, to place: NamedThing, objects: [NamedThing], places: [NamedThing],
    from stream: inout RandomStream
  ) -> Instruction? {
    let sentences = all(putting: object, to: place, objects: objects, places: places)
    return sentences.isEmpty ? nil : sentences[stream.index(below: sentences.count)]
  }

  private static func referents(for thing: NamedThing, among things: [NamedThing]) -> [Referent] {
    Lexicon.nouns(for: thing.shape).flatMap { noun in
      [thing.colour, nil].map { Referent(noun: noun, colour: $0) }
    }.filter { $0.resolve(among: things) == thing }
  }

  /// Reads a sentence of the grammar; nil for any other sentence.
  package static func parse(_ text: String) -> Instruction? {
    for (index, frame) in frames.enumerated() {
      guard let parts = match(text, frame), let object = referent(parts.object),
        let place = referent(parts.place)
      else { continue }
      let reading = Instruction(object: object, place: place, frame: index)
      if reading.text == text { return reading }
    }
    return nil
  }

  /// Splits a sentence at the fixed words of a frame.
  private static func match(_ text: String, _ frame: String) -> (object: String, place: String)? {
    for relation in ["onto", "into"] {
      let fixed = frame.replacing("{r}", with: relation)
      guard let first = fixed.firstRange(of: "{o}"), let second = fixed.firstRange(of: "{p}")
      else { return nil }
      let (head, middle) = (fixed[..<first.lowerBound], fixed[first.upperBound..<second.lowerBound])
      let tail = fixed[second.upperBound...]
      guard text.hasPrefix(head), text.hasSuffix(tail), text.count > head.count + tail.count
      else { continue }
      let body = text.dropFirst(head.count).dropLast(tail.count)
      guard let cut = body.firstRange(of: middle) else { continue }
      return (String(body[..<cut.lowerBound]), String(body[cut.upperBound...]))
    }
    return nil
  }

  /// Reads a noun phrase, as in `the red cube`.
  private static func referent(_ phrase: String) -> Referent? {
    guard phrase.hasPrefix("the ") else { return nil }
    let words = String(phrase.dropFirst("the ".count))
    if Lexicon.nouns.contains(words) { return Referent(noun: words, colour: nil) }
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2, let colour = NamedColour(rawValue: parts[0]),
      Lexicon.nouns.contains(parts[1])
    else { return nil }
    return Referent(noun: parts[1], colour: colour)
  }
}
