// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Rasterizer

/// What can be had of a picture, as `--outputs` names it.
enum PictureOutput: String, CaseIterable {
  case rgb
  case linear
  case alpha
  case depth
  case medianDepth = "median-depth"
  case firstDepth = "first-depth"
  case normals
  case worldNormals = "world-normals"
  case instances
  case semantics
  case coverage
  case owners
  case flow
  case boxes

  /// What the renderer is asked for.
  var request: RenderOutputs {
    switch self {
    case .rgb, .alpha: []
    case .linear: .floatColour
    case .depth: .depth
    case .medianDepth: .medianDepth
    case .firstDepth: .firstDepth
    case .normals, .worldNormals: .normals
    case .instances, .boxes: .instances
    case .semantics: .semantics
    case .coverage: .coverage
    case .owners: .owners
    case .flow: [.medianDepth, .owners]
    }
  }
}

/// How an output is written.
enum PictureFormat: String, CaseIterable {
  case png
  case npy
  case exr
}

/// Several of a few names on the command line, separated by commas, each once.
struct NameList<Name: RawRepresentable & CaseIterable & Hashable> where Name.RawValue == String {
  var names: [Name]

  init(_ names: [Name]) { self.names = names }

  /// Takes the text of an option apart.
  init(_ text: String) throws {
    names = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let name = Name(rawValue: String(word)) else {
        throw ValidationError("\"\(word)\" is none of \(Self.all).")
      }
      guard !names.contains(name) else { throw ValidationError("\"\(word)\" stands there twice.") }
      names.append(name)
    }
  }

  /// All names, for messages and for help.
  static var all: String { Name.allCases.map(\.rawValue).joined(separator: ", ") }
}
