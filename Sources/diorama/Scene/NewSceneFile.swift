// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry

/// The scene file that a command makes.
struct NewSceneFile: ParsableArguments {
  @Option(help: "The scene file to write, .diorama.") var out: String
  @Flag(help: "Replace the file if it exists.") var force = false

  func validate() throws {
    guard out.lowercased().hasSuffix(".diorama") else {
      throw ValidationError("--out: the name \(out) does not end in .diorama.")
    }
  }

  /// Throws unless the file can be made.
  func requireWritable() throws(InputError) { try diorama.requireWritable(out, replacing: force) }

  /// Ends the program at Ctrl-C with a line that says what is left; a build may be killed anywhere.
  ///
  /// - Parameters:
  ///   - isResumable: whether `--resume` goes on with what is left, else it is removed.
  ///   - scratch: what else is removed then.
  /// - Returns: what listens, as long as it is kept.
  func endsWhenInterrupted(isResumable: Bool, removing scratch: [String] = []) -> Interruption {
    let out = out
    return Interruption {
      if !isResumable {
        for path in scratch + ["\(out).unfinished", "\(out).unfinished-journal"] {
          try? removeItem(path)
        }
      }
      let isLeft = isResumable && kind(ofPath: "\(out).unfinished") == .file
      Diorama.tell([
        isLeft
          ? "stopped; \(out).unfinished is left, and --resume goes on with it"
          : "stopped; nothing was written"
      ])
      Foundation.exit(130)
    }
  }
}

/// The threads that a command may use.
struct ThreadOption: ParsableArguments {
  @Option(help: "The number of threads; all cores unless given.") var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: \(threads) is not in 1 to 1024.")
    }
  }

  /// The number of threads.
  var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// A place on the earth on the command line: `lat,lon` or `lat,lon,height`, degrees and metres.
struct OriginOption: ExpressibleByArgument {
  var position: GeodeticPosition

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard (2...3).contains(parts.count), let latitude = parts[0], let longitude = parts[1],
      let height = parts.count == 3 ? parts[2] : 0, abs(latitude) <= 90, abs(longitude) <= 180,
      height.isFinite
    else { return nil }
    position = GeodeticPosition(
      latitude: latitude.radiansFromDegrees, longitude: longitude.radiansFromDegrees,
      height: height)
  }
}
