// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

private func parse(_ text: String) throws(InputError) -> JSONValue {
  try JSONValue(file: "a.json", bytes: Array(text.utf8))
}

@Suite struct `JSON documents` {
  static let sample: JSONValue = [
    "z": 1, "a": .number(0.1), "list": [true, false, .null, .number(1e-7), .number(-2)],
    "empty": [], "text": "quote \" slash \\ line\n tab\t bell\u{7} gräbt 木", "object": [:],
  ]

  @Test func `read back as they were written`() throws {
    #expect(try parse(Self.sample.compactText) == Self.sample)
    #expect(try parse(Self.sample.indentedText) == Self.sample)
  }

  @Test func `look as Python writes them`() {
    // json.dumps({"a": [1, 0.5], "b": {}}, indent=4)
    let value: JSONValue = ["a": [1, .number(0.5)], "b": [:]]
    #expect(
      value.indentedText == "{\n    \"a\": [\n        1,\n        0.5\n    ],\n    \"b\": {}\n}")
    #expect(value.compactText == #"{"a": [1, 0.5], "b": {}}"#)
  }

  @Test func `know every escape`() throws {
    #expect(try parse(#""\u0041\n\/\"\ud83d\ude00""#) == .string("A\n/\"😀"))
  }

  @Test func `tell whole numbers from others`() throws {
    #expect(try parse("[7, 7.0, 1e2, -0]") == [7, .number(7), .number(100), 0])
    #expect(
      try parse("[0, 0.5, -0.5E-1, 10, 2e+0]") == [0, .number(0.5), .number(-0.05), 10, .number(2)])
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "{\"a\": 1, \"a\": 2}", "NaN", "Infinity", "1 2", "\"\\ud800\"",
    "tru", "\"open", "[1e999]", "+1", "{1: 2}", "01", "-01", "00", "1.", "1.e1", ".5", "-.5", "1e",
    "1e+", "-", "--1", "1.5.2", "0x10", "1_000", "[1.]", "[01]", "\"\\u-000\"", "\"\\u+041\"",
    "\"\\u00\"", "\"\\u00４1\"",
  ])
  func `that are broken are refused`(_ text: String) {
    #expect(throws: InputError.self) { _ = try parse(text) }
  }

  @Test func `nested without end are refused`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: InputError.self) { _ = try parse(text) }
  }

  @Test func `name the file and the key that is wrong`() throws {
    let fields = try JSONFields(file: "info.json", try parse(#"{"video": {"fps": "thirty"}}"#))
    let video = try fields.object("video")
    #expect(throws: video.wrong("fps", "thirty", "a whole number of at least 1")) {
      _ = try video.integer("fps", atLeast: 1)
    }
    #expect(video.wrong("fps", 0, "more").field == "video.fps")
    #expect(throws: InputError.self) { _ = try fields.string("robot_type") }
  }
}
