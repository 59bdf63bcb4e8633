// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

@testable import Reconstruction

/// A `.npy` file of version 1.0 with the given header and elements.
private func npy(_ header: String, _ elements: [UInt8]) -> [UInt8] {
  [0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8 + elements
}

@Suite struct `NumPy arrays` {
  private let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }"

  @Test func `give their type, shape and elements`() throws {
    let array = try NumPyArchive.parse(npy(header, [0, 0, 128, 63, 0, 0, 0, 64]), file: "a")
    #expect(array.type == "<f4" && array.shape == [2, 1] && array.bytes.count == 8)
    let scalar = "{'descr': '<i8', 'fortran_order': False, 'shape': (), }"
    #expect(
      try NumPyArchive.parse(npy(scalar, [UInt8](repeating: 1, count: 8)), file: "a").shape == [])
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (2, 1), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }",
    "",
  ])
  func `are refused when they are of another kind or too short`(bad: String) {
    #expect(throws: InputError.self) {
      try NumPyArchive.parse(npy(bad, [0, 0, 128, 63, 0, 0, 0, 64]), file: "a")
    }
  }

  @Test func `are refused when they do not come in a zip archive`() {
    let error = #expect(throws: InputError.self) {
      try NumPyArchive([UInt8](repeating: 7, count: 100), file: "a.npz")
    }
    #expect(error?.field == "end of central directory")
    #expect(throws: InputError.self) { try NumPyArchive([], file: "a.npz") }
  }
}
