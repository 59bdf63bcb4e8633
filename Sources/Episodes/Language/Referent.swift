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

  /// Whether the words are true of a thing, which they may be of more than it is called.
  package func fits(_ thing: NamedThing) -> Bool {
    Lexicon.shapes(trueOf: noun).contains(thing.shape) && (colour == nil || colour == thing.colour)
  }

  /// Returns the only thing that the words are true of, or nil for none or several.
  package func resolve(among things: [NamedThing]) -> NamedThing? {
    let fitting = things.filter(fits)
    return fitting.count == 1 ? fitting[0] : nil
  }
}

/// The nouns of every shape; none is used for two shapes, though it may be true of more than one.
package enum Lexicon {
  /// The nouns that are used for a shape, the file's own word first.
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

  /// The shapes that a noun is true of in the mouth of any speaker, none for a word of another
  /// language.
  ///
  /// Wider than its use: a cube is a block too, and a prism; any open vessel is a dish. A noun that
  /// is true of two things in the scene names neither.
  package static func shapes(trueOf noun: String) -> Set<String> {
    switch noun {
    // Whatever is cut from wood with flat faces may be called a block.
    case "block": ["block", "cube", "prism", "star"]
    // In geometry, what has two parallel outlines and flat sides.
    case "prism": ["prism", "block", "cube", "star"]
    case "dish": ["plate", "bowl", "tray"]
    case "can", "tin": ["can"]
    case "cup": ["mug"]
    case "bar": ["block"]
    case "sphere": ["ball"]
    case "hoop": ["ring"]
    case "hexagonal prism": ["prism"]
    default: nouns.contains(noun) ? [noun] : []
    }
  }

  /// Every noun of the language.
  package static let nouns: [String] =
    (WorldSchema.objectShapes + WorldSchema.placeShapes).flatMap { nouns(for: $0) }

  /// Whether something is put into a place of this shape rather than onto it.
  package static func isContainer(_ shape: String) -> Bool { shape != "plate" }
}
