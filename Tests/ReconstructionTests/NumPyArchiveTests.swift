// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
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

  @Test func `are refused when more bytes follow than they have elements`() {
    let error = #expect(throws: InputError.self) {
      try NumPyArchive.parse(npy(header, [UInt8](repeating: 0, count: 9)), file: "a")
    }
    #expect(error?.field == "elements" && error?.found == "1 bytes after them")
  }

  @Test(arguments: [ZipText.stored, ZipText.deflated])
  func `come out of a zip archive, packed or not`(text: String) throws {
    let archive = try NumPyArchive(try ZipText.bytes(text), file: "a.npz")
    #expect(archive.names == ["n.npy"])
    #expect(try archive.integer("n") == 7)
  }

  @Test func `are refused when two have one name`() throws {
    let bytes = try ZipText.bytes(ZipText.twice)
    let error = #expect(throws: InputError.self) { try NumPyArchive(bytes, file: "a.npz") }
    #expect(error?.file == "a.npz" && error?.field == "member n.npy")
  }

  @Test func `are refused when a byte of theirs was changed`() throws {
    var bytes = try ZipText.bytes(ZipText.stored)
    // 30 bytes of header, 5 of name, 73 of content, the last 8 of them the number.
    bytes[30 + 5 + 73 - 8] = 9
    let error = #expect(throws: InputError.self) { try NumPyArchive(bytes, file: "a.npz") }
    #expect(error?.field == "member n.npy")
  }

  @Test func `are refused when they do not come in a zip archive`() {
    for bytes in [[UInt8](repeating: 7, count: 100), []] {
      let error = #expect(throws: InputError.self) { try NumPyArchive(bytes, file: "a.npz") }
      #expect(error?.file == "a.npz")
    }
  }
}

/// Archives by Python's `zipfile`, in base 64.
enum ZipText {
  /// The number 7 as `n.npy`.
  static let stored =
    "UEsDBBQAAAAAAAAAIQDfFoR3SQAAAEkAAAAFAAAAbi5ucHmTTlVNUFkBADcAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfQcAAAAAAAAAUEsBAhQDFAAAAAAAAAAhAN8WhHdJAAAASQAAAAUAAAAAAAAAAAAAAIABAAAAAG4ubnB5UEsFBgAAAAABAAEAMwAAAGwAAAAAAA=="
  /// The same, deflated.
  static let deflated =
    "UEsDBBQAAAAIAAAAIQDfFoR3QgAAAEkAAAAFAAAAbi5ucHmb7BfqGxDJyGDOUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq17AwQAABQSwECFAMUAAAACAAAACEA3xaEd0IAAABJAAAABQAAAAAAAAAAAAAAgAEAAAAAbi5ucHlQSwUGAAAAAAEAAQAzAAAAZQAAAAAA"
  /// With a second `n.npy`, of the number 8.
  static let twice =
    "UEsDBBQAAAAAAAAAIQDfFoR3SQAAAEkAAAAFAAAAbi5ucHmTTlVNUFkBADcAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfQcAAAAAAAAAUEsDBBQAAAAAAAAAIQBzBKSuSQAAAEkAAAAFAAAAbi5ucHmTTlVNUFkBADcAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfQgAAAAAAAAAUEsBAhQDFAAAAAAAAAAhAN8WhHdJAAAASQAAAAUAAAAAAAAAAAAAAIABAAAAAG4ubnB5UEsBAhQDFAAAAAAAAAAhAHMEpK5JAAAASQAAAAUAAAAAAAAAAAAAAIABbAAAAG4ubnB5UEsFBgAAAAACAAIAZgAAANgAAAAAAA=="

  /// Three points, red, green and blue, the second at (4, NaN, 6), and one camera of 8 x 8.
  static let threePoints =
    "UEsDBBQAAAAIAAAAIQBUtjU3XgAAAGkAAAALAAAAbWVhbnMzZC5ucHmb7BfqGxDJyGDNUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgrGmjoKtQwMDfYMDAwOQATEDUB8oB6IgfQDIGZwZGAQcAQAUEsDBBQAAAAIAAAAIQBQtLAbSAAAAE4AAAAKAAAAY29sb3JzLm5weZvsF+obEMnIYM1QrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CsaaOgq1/xkYGMAYAFBLAwQUAAAACAAAACEAoXLylU0AAACIAAAADAAAAHZpZXdtYXRzLm5weZvsF+obEMnIYMdQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CiZApKmjUMvA0GDPgAGIFwMAUEsDBBQAAAAIAAAAIQD33wDfVAAAAGwAAAAGAAAAS3MubnB5m+wX6hsQychgx1CtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKxkCkqaNQy8DA4MgABg0OEBrEh7NB4vYAUEsDBBQAAAAIAAAAIQBzBKSuQgAAAEkAAAAJAAAAd2lkdGgubnB5m+wX6hsQychgzlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtRwMEAAAUEsDBBQAAAAIAAAAIQBzBKSuQgAAAEkAAAAKAAAAaGVpZ2h0Lm5weZvsF+obEMnIYM5QrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5Gpo6CrUcDBAAAFBLAQIUAxQAAAAIAAAAIQBUtjU3XgAAAGkAAAALAAAAAAAAAAAAAACAAQAAAABtZWFuczNkLm5weVBLAQIUAxQAAAAIAAAAIQBQtLAbSAAAAE4AAAAKAAAAAAAAAAAAAACAAYcAAABjb2xvcnMubnB5UEsBAhQDFAAAAAgAAAAhAKFy8pVNAAAAiAAAAAwAAAAAAAAAAAAAAIAB9wAAAHZpZXdtYXRzLm5weVBLAQIUAxQAAAAIAAAAIQD33wDfVAAAAGwAAAAGAAAAAAAAAAAAAACAAW4BAABLcy5ucHlQSwECFAMUAAAACAAAACEAcwSkrkIAAABJAAAACQAAAAAAAAAAAAAAgAHmAQAAd2lkdGgubnB5UEsBAhQDFAAAAAgAAAAhAHMEpK5CAAAASQAAAAoAAAAAAAAAAAAAAIABTwIAAGhlaWdodC5ucHlQSwUGAAAAAAYABgBOAQAAuQIAAAAA"

  static func bytes(_ text: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: text)))
  }
}
