// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The text at the start of a PLY file (Turk 1994), up to and with its `end_header` line.
struct PLYHeader {
  /// The first bytes of every PLY; the line ends in LF or CR LF.
  static let magic = Array("ply".utf8)
  /// The most bytes searched for `end_header`; real headers have about 1500.
  static let largestByteCount = 1 << 16

  /// How the numbers after the header are written.
  enum Encoding: String {
    case ascii = "ascii"
    case littleEndian = "binary_little_endian"
    case bigEndian = "binary_big_endian"
  }

  /// A number's type, under either of its two names.
  enum Scalar {
    case int8, uint8, int16, uint16, int32, uint32, float32, float64

    init?(name: Substring) {
      switch name {
      case "char", "int8": self = .int8
      case "uchar", "uint8": self = .uint8
      case "short", "int16": self = .int16
      case "ushort", "uint16": self = .uint16
      case "int", "int32": self = .int32
      case "uint", "uint32": self = .uint32
      case "float", "float32": self = .float32
      case "double", "float64": self = .float64
      default: return nil
      }
    }

    /// Whether it is an integer with a sign, one without, or (nil) a float.
    var isSigned: Bool? {
      switch self {
      case .int8, .int16, .int32: true
      case .uint8, .uint16, .uint32: false
      case .float32, .float64: nil
      }
    }

    var byteCount: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// A named column of an element; a list has no fixed size.
  struct Property {
    var name: String
    var scalar: Scalar
    /// The type of the length that stands before a list's items; nil for a single number.
    var lengthScalar: Scalar?
    /// Bytes from the start of the row; of no meaning after a list.
    var offset: Int

    var isList: Bool { lengthScalar != nil }
  }

  /// A table of rows.
  struct Element {
    var name: String
    var count: Int
    var properties: [Property] = []

    var hasList: Bool { properties.contains { $0.isList } }
    var rowByteCount: Int { properties.reduce(0) { $0 + $1.scalar.byteCount } }
  }

  private(set) var encoding = Encoding.ascii
  private(set) var comments: [String] = []
  private(set) var elements: [Element] = []
  /// The index of the first byte after the header.
  private(set) var byteCount = 0
  /// The lines of the header.
  private(set) var lineCount = 0

  /// Parses the header at the start of `bytes`.
  init(_ bytes: [UInt8], file: String) throws(InputError) {
    var hasFormat = false
    while true {
      lineCount += 1
      let window = bytes[byteCount..<min(bytes.count, Self.largestByteCount)]
      guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
        throw InputError(
          file: file, field: "header", found: "no end_header line",
          expected: "one in the first \(Self.largestByteCount) bytes")
      }
      var line = String(decoding: bytes[byteCount..<end], as: UTF8.self)[...]
      if line.utf8.last == UInt8(ascii: "\r") { line = Substring(line.utf8.dropLast()) }
      byteCount = end + 1
      let words = line.split(separator: " ")
      switch words.first {
      case nil: continue
      case "ply" where lineCount == 1: continue
      case "end_header":
        guard hasFormat else { throw Self.fault(file, lineCount, line, "a format line before") }
        return
      case "comment", "obj_info":
        comments.append(words.dropFirst().joined(separator: " "))
      case "format":
        guard words.count == 3, let encoding = Encoding(rawValue: String(words[1])) else {
          throw Self.fault(file, lineCount, line, "ascii or binary_(little|big)_endian 1.0")
        }
        self.encoding = encoding
        hasFormat = true
      case "element":
        guard words.count == 3, let count = Int(words[2]), count >= 0 else {
          throw Self.fault(file, lineCount, line, "element NAME COUNT")
        }
        guard !elements.contains(where: { $0.name == words[1] }) else {
          throw Self.fault(file, lineCount, line, "each element once")
        }
        elements.append(Element(name: String(words[1]), count: count))
      case "property":
        guard !elements.isEmpty, let property = Self.property(words, after: elements.last) else {
          throw Self.fault(file, lineCount, line, "property TYPE NAME after an element")
        }
        elements[elements.count - 1].properties.append(property)
      default:
        throw Self.fault(file, lineCount, line, "a PLY keyword")
      }
    }
  }

  private static func property(_ words: [Substring], after element: Element?) -> Property? {
    let offset = element?.rowByteCount ?? 0
    if words.count == 5, words[1] == "list", let scalar = Scalar(name: words[3]),
      let length = Scalar(name: words[2]), length.isSigned != nil
    {
      return Property(
        name: String(words[4]), scalar: scalar, lengthScalar: length, offset: offset)
    }
    guard words.count == 3, let scalar = Scalar(name: words[1]) else { return nil }
    return Property(name: String(words[2]), scalar: scalar, offset: offset)
  }

  private static func fault(
    _ file: String, _ lineNumber: Int, _ line: Substring, _ expected: String
  ) -> InputError {
    InputError(
      file: file, field: "header line \(lineNumber)", found: "\"\(line.prefix(60))\"",
      expected: expected)
  }
}
