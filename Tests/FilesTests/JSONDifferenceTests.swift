// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Files

@Suite struct `The difference of two documents` {
  @Test func `is none where only the order of keys differs`() {
    let document: JSONValue = ["a": 1, "b": ["c": true, "d": .null]]
    #expect(document.firstDifference(from: document) == nil)
    #expect(document.firstDifference(from: ["b": ["d": .null, "c": true], "a": 1]) == nil)
  }

  @Test func `names the keys that lead to it`() {
    let found: JSONValue = ["a": 1, "b": ["c": ["x", "y"]]]
    #expect(
      found.firstDifference(from: ["a": 1, "b": ["c": ["x", "z"]]])
        == JSONDifference(path: "b.c[1]", found: "y", wanted: "z"))
    #expect(
      found.firstDifference(from: ["b": ["c": ["x"]], "a": 2])
        == JSONDifference(path: "b.c[1]", found: "y", wanted: nil))
    #expect(
      found.firstDifference(from: ["a": 1])
        == JSONDifference(path: "b", found: ["c": ["x", "y"]], wanted: nil))
    #expect(
      found.firstDifference(from: [1])
        == JSONDifference(path: "", found: found, wanted: [1]))
  }

  @Test func `calls an element of a list by its path or name`() {
    let found: JSONValue = ["inputs": [["path": "a.ply", "sha256": "00"]]]
    #expect(
      found.firstDifference(from: ["inputs": [["path": "a.ply", "sha256": "11"]]])
        == JSONDifference(path: "inputs[a.ply].sha256", found: "00", wanted: "11"))
    #expect(
      found.firstDifference(
        from: ["inputs": [["path": "a.ply", "sha256": "00"], ["name": "b", "size": 1]]])
        == JSONDifference(path: "inputs[b]", found: nil, wanted: ["name": "b", "size": 1]))
  }
}
