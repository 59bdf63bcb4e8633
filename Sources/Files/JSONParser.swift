// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Parses a whole document.
  ///
  /// Keys keep their order. Strict (RFC 8259), but for Python's `NaN` and `Infinity`, which some
  /// datasets hold: they are an error that says so.
  /// - Throws: `InputError` naming the file and the line.
  package init(file: String, bytes: [UInt8]) throws(InputError) {
    var parser = JSONParser(file: file, bytes: bytes)
    self = try parser.document()
  }
}

/// A recursive-descent parser over the bytes of a JSON document.
private struct JSONParser {
  /// The deepest nesting that is followed; dataset files have about eight levels.
  static let depthLimit = 64

  let file: String
  let bytes: [UInt8]
  var offset = 0
  var depth = 0

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  mutating func document() throws(InputError) -> JSONValue {
    let value = try value()
    skipSpace()
    guard offset == bytes.count else { throw wrong("more after the end", "one value") }
    return value
  }

  private mutating func value() throws(InputError) -> JSONValue {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw wrong("deeper nesting", "\(Self.depthLimit)") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where take(word: "null"): return .null
    default: return try number()
    }
  }

  private mutating func object() throws(InputError) -> JSONValue {
    var members: [JSONMember] = []
    var keys: Set<String> = []
    offset += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw wrong(next, "a key in quotes") }
      let key = try string()
      guard keys.insert(key).inserted else { throw wrong("\(key) twice", "each key once") }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw wrong(next, "a colon after \(key)") }
      members.append(JSONMember(key, try value()))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw wrong(next, "a comma or }") }
    return .object(members)
  }

  private mutating func array() throws(InputError) -> JSONValue {
    var elements: [JSONValue] = []
    offset += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw wrong(next, "a comma or ]") }
    return .array(elements)
  }

  private mutating func string() throws(InputError) -> String {
    offset += 1
    var text: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw wrong("a bare control character", "an escaped one") }
      offset += 1
      if byte == UInt8(ascii: "\\") {
        text += try Array(String(escape()).utf8)
      } else {
        text.append(byte)
      }
    }
    guard take(UInt8(ascii: "\"")) else { throw wrong(next, "closing quotes") }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw wrong("bytes that are not UTF-8", "UTF-8 text")
    }
    return string
  }

  private mutating func escape() throws(InputError) -> Unicode.Scalar {
    guard let byte = peek else { throw wrong(next, "an escape") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      // A character past the basic plane stands as a pair of surrogates.
      if (0xD800..<0xDC00).contains(code) {
        guard take(word: "\\u") else { throw wrong(next, "the second surrogate") }
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low) else { throw wrong("\(low)", "a low surrogate") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw wrong("\(code)", "a character") }
      return scalar
    default: throw wrong("an unknown escape", "one of \"\\/bfnrtu")
    }
  }

  private mutating func codeUnit() throws(InputError) -> UInt32 {
    let text = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
    // A sign, which the number below would take, is no digit.
    guard text.utf8.count == 4, text.allSatisfy({ $0.isASCII && $0.isHexDigit }),
      let code = UInt32(text, radix: 16)
    else { throw wrong(next, "four hexadecimal digits") }
    offset += 4
    return code
  }

  /// Takes what is a number by RFC 8259, section 6: digits without a leading zero, then a fraction
  /// and an exponent, each with a digit at least.
  private mutating func number() throws(InputError) -> JSONValue {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    var isNumber = take(UInt8(ascii: "0")) || takeDigits()
    if take(UInt8(ascii: ".")) { isNumber = takeDigits() && isNumber }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      isNumber = takeDigits() && isNumber
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard isNumber, let value = Double(text), value.isFinite else {
      offset = start
      throw wrong(next, "a finite number, text, object or array")
    }
    return Int(text).map(JSONValue.integer) ?? .number(value)
  }

  /// Takes the digits at the cursor and says whether there were any.
  private mutating func takeDigits() -> Bool {
    let start = offset
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    return offset > start
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// What stands at the cursor, for errors.
  private var next: String {
    guard offset < bytes.count else { return "the end of the file" }
    let rest = bytes[offset..<min(offset + 12, bytes.count)].prefix { $0 > 0x20 }
    return String(decoding: rest, as: UTF8.self)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    let expected = Array(word.utf8)
    guard bytes[offset...].starts(with: expected) else { return false }
    offset += expected.count
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
  }

  private func wrong(_ found: String, _ expected: String) -> InputError {
    let line = bytes[..<min(offset, bytes.count)].count { $0 == 0x0A } + 1
    return InputError(file: file, field: "line \(line)", found: found, expected: expected)
  }
}
