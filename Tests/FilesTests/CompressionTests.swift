// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Files

private let text = Array("Diorama, Diorama, Diorama".utf8)

@Suite struct `Deflate compression` {
  @Test(arguments: [Zlib.Container.raw, .zlib, .gzip])
  func `gives back what was put in`(container: Zlib.Container) throws {
    for bytes in [[], text, [UInt8](repeating: 7, count: 3_000_000)] {
      let packed = Zlib.compress(bytes.span, container: container)
      let plain = try Zlib.decompress(
        packed.span, container: container, limit: bytes.count, file: "f")
      #expect(plain == bytes)
    }
  }

  @Test func `writes a gzip header without a time or a name`() {
    let packed = Zlib.compress(text.span, container: .gzip)
    // RFC 1952: magic, method 8, no flags, four bytes of time.
    #expect(packed.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
  }

  @Test func `reads a stream that another program wrote`() throws {
    // python3 -c 'import zlib; print(list(zlib.compress(b"aaaaaaaaaa")))'
    let packed: [UInt8] = [120, 156, 75, 132, 3, 0, 20, 225, 3, 203]
    let plain = try Zlib.decompress(packed.span, container: .zlib, limit: 10, file: "f")
    #expect(plain == [UInt8](repeating: 97, count: 10))
  }

  @Test func `stops a bomb at the limit`() {
    let bomb = Zlib.compress([UInt8](repeating: 0, count: 5_000_000).span, container: .gzip)
    #expect(bomb.count < 6000)
    #expect(throws: InputError.self) {
      try Zlib.decompress(bomb.span, container: .gzip, limit: 1_000_000, file: "f")
    }
  }

  @Test func `inflates only the start when asked`() throws {
    let packed = Zlib.compress(text.span, container: .gzip)
    let start = try Zlib.decompressPrefix(packed.span, container: .gzip, count: 7, file: "f")
    #expect(start == Array("Diorama".utf8))
  }

  @Test(arguments: [Zlib.Container.raw, .zlib, .gzip])
  func `refuses bytes after the stream, a second stream too`(container: Zlib.Container) {
    let packed = Zlib.compress(text.span, container: container)
    for rest in [[0], packed] {
      let error = #expect(throws: InputError.self) {
        try Zlib.decompress((packed + rest).span, container: container, limit: 100, file: "f")
      }
      #expect(error?.found == "\(rest.count) bytes after its end")
    }
  }

  @Test func `names a stream that ends early or is damaged`() {
    let packed = Zlib.compress(text.span, container: .gzip)
    for count in 0..<packed.count {
      #expect(throws: InputError.self) {
        try Zlib.decompress(
          Array(packed.prefix(count)).span, container: .gzip, limit: 100, file: "f")
      }
    }
    var damaged = packed
    damaged[packed.count - 6] ^= 1  // in the CRC-32
    #expect(throws: InputError.self) {
      try Zlib.decompress(damaged.span, container: .gzip, limit: 100, file: "f")
    }
  }
}

@Suite struct `Zstandard compression` {
  @Test func `gives back what was put in`() throws {
    for bytes in [[], text, [UInt8](repeating: 7, count: 3_000_000)] {
      let packed = Zstandard.compress(bytes.span)
      #expect(try Zstandard.decompress(packed.span, limit: bytes.count, file: "f") == bytes)
    }
  }

  @Test func `reads frames one after the other`() throws {
    let packed = Zstandard.compress(text.span) + Zstandard.compress(text.span)
    #expect(try Zstandard.decompress(packed.span, limit: 100, file: "f") == text + text)
  }

  @Test func `stops a bomb at the limit`() {
    let bomb = Zstandard.compress([UInt8](repeating: 0, count: 5_000_000).span)
    #expect(bomb.count < 1000)
    #expect(throws: InputError.self) {
      try Zstandard.decompress(bomb.span, limit: 1_000_000, file: "f")
    }
  }

  @Test func `names a frame that ends early or is damaged`() {
    let packed = Zstandard.compress(text.span)
    for count in 0..<packed.count {
      #expect(throws: InputError.self) {
        try Zstandard.decompress(Array(packed.prefix(count)).span, limit: 100, file: "f")
      }
    }
    #expect(throws: InputError.self) {
      try Zstandard.decompress(text.span, limit: 100, file: "f")
    }
  }
}
