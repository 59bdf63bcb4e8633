// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Worlds

/// A thing that an instruction can name: a shape and a colour.
package struct NamedThing: Equatable, Hashable, Sendable {
  /// The shape's word in the world file.
  package let shape: String
  /// The colour's name.
  package let colour: NamedColour

  /// Makes a thing from its two words.
  package init(shape: String, colour: NamedColour) {
    self.shape = shape
    self.colour = colour
  }
}

/// The words that point at a thing: always a noun, sometimes a colour.
package struct Referent: Equatable, Sendable {
  /// The noun, one of `Lexicon.nouns`.
  package let noun: String
  /// The colour, where the noun alone would not do or was not wanted.
  package let colour: NamedColour?

  /// The noun phrase, as in `the red cube`.
  package var phrase: String {
    colour.map { "the \($0.rawValue) \(noun)" } ?? "the \(noun)"
  }

  /// Whether the words are true of a thing.
  package func fits(_ thing: NamedThing) -> Bool {
    Lexicon.nouns(for: thing.shape).contains(noun) && (colour == nil || colour == thing.colour)
  }

  /// Returns the only thing that the words are true of, or nil for none or several.
  package func resolve(among things: [NamedThing]) -> NamedThing? {
    let fitting = things.filter(fits)
    return fitting.count == 1 ? fitting[0] : nil
  }
}

/// The nouns of every shape; no noun belongs to two shapes.
package enum Lexicon {
  /// The nouns that name a shape, the file's own word first.
  package static func nouns(for shape: String) -> [String] {
    switch shape {
    case "can": ["can", "tin"]
    case "ball": ["ball", "sphere"]
    case "block": ["block", "bar"]
    case "prism": ["prism", "hexagonal prism"]
    case "mug": ["mug", "cup"]
    case "ring": ["ring", "hoop"]
    case "plate": ["plate", "dish"]
    default: [shape]
    }
  }

  /// Every noun of the language.
  package static let nouns: [String] =
    (WorldSchema.objectShapes + WorldSchema.placeShapes).flatMap { nouns(for: $0) }

  /// Whether something is put into a place of this shape rather than onto it.
  package static func isContainer(_ shape: String) -> Bool { shape != "plate" }
}
