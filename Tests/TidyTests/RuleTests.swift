// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Every rule against one text that breaks it and one that keeps it.
@Suite struct `A rule` {
  @Test func `tells code from comments and literals`() {
    let file = source(
      """
      let a = "try! // not a comment"  // try! in words
      /* one /* nested */ try! */ let b = #"a " b"# + 1
      func `try! it`() {}
      """)
    #expect(!file.code.contains { $0.contains("try!") })
    #expect(file.comments[0].contains("// try! in words"))
    #expect(file.comments[1].contains("nested"))
    #expect(file.code[1].contains("let b = #\""))
    #expect(file.code[1].hasSuffix("\"# + 1"))
    #expect(file.lines.count == 3 && file.code.count == 3 && file.comments.count == 3)
  }

  @Test func `reads long literals to their end`() {
    let file = source("let a = \"\"\"\n  try! \"quoted\"\n  \"\"\"\nlet b = 1")
    #expect(
      file.code.map { $0.drop { $0 == " " } } == ["let a = \"\"\"", "", "\"\"\"", "let b = 1"])
    #expect(WordRules.banned(file).isEmpty)
  }

  @Test func `refuses banned words in code alone`() {
    for word in ["try!", "as!", "fatalError(", "unsafeFlags"] {
      #expect(WordRules.banned(source("x = \(word) y")).map(\.line) == [1])
      #expect(WordRules.banned(source("// \(word)")).isEmpty)
    }
    #expect(WordRules.banned(source("@Test(.disabled())", "Tests/ATests/A.swift")).count == 1)
    #expect(WordRules.banned(source("public let a = 1")).count == 1)
  }

  @Test func `refuses a force unwrap and nothing like it`() {
    for text in ["a = b!", "a = f()!", "a = b[0]!", "var a: Int!", "a!.b()", "f(a!, b)"] {
      #expect(WordRules.forceUnwrap(source(text)).count == 1, "\(text)")
    }
    for text in ["if !a {}", "a != b", "a = .!mask", "#if !DEBUG", "f(!a)", "a = \"b!\""] {
      #expect(WordRules.forceUnwrap(source(text)).isEmpty, "\(text)")
    }
  }

  @Test func `wants a reason where a compiler check is off`() {
    let text = "struct A: @unchecked Sendable {}"
    #expect(WordRules.excuses(source(text)).map(\.line) == [1])
    #expect(WordRules.excuses(source("// Its lock guards every field.\n" + text)).isEmpty)
    #expect(WordRules.excuses(source("// Its lock guards all.\n@unsafe\n" + text)).isEmpty)
  }

  @Test(arguments: [
    "print(a)", "let t = Date()", "let e = ProcessInfo.processInfo.environment",
    "var g = SystemRandomNumberGenerator()", "let r = Int.random(in: 0..<2)", "a.shuffle()",
  ])
  func `keeps the lower floors pure`(text: String) {
    #expect(WordRules.impure(source(text)).count == 1)
    #expect(WordRules.impure(source("fingerprint(a) + update()")).isEmpty)
  }

  @Test func `lets nothing be left to do without an issue`() {
    #expect(WordRules.pending(source("// FIXME: later")).count == 1)
    #expect(WordRules.pending(source("// TODO: later")).count == 1)
    #expect(WordRules.pending(source("// TODO(#12): later")).isEmpty)
  }

  @Test func `sees code that was commented out`() {
    for text in ["let a = 1", "if a {", "}", "return()", "a.b(c)", "import Foundation"] {
      #expect(WordRules.commentedOutCode(source("// \(text)")).count == 1, "\(text)")
    }
    for text in ["Let the first be last.", "MARK: - Reading", "if it is so, stop", "(see above)"] {
      #expect(WordRules.commentedOutCode(source("// \(text)")).isEmpty, "\(text)")
    }
  }

  @Test func `wants a doc comment on what other targets see`() {
    #expect(DocumentationRules.documented(source("package let a = 1")).count == 1)
    #expect(DocumentationRules.documented(source("@safe package struct A {}")).count == 1)
    #expect(DocumentationRules.documented(source("// Not one.\npackage let a = 1")).count == 1)
    #expect(
      DocumentationRules.documented(source("/// The one.\n@inlinable\npackage let a = 1")) == [])
    #expect(DocumentationRules.documented(source("package import Files")) == [])
    #expect(DocumentationRules.documented(source("let a = 1")) == [])
  }

  @Test func `wants a first sentence of at most 150 characters`() {
    func comment(_ count: Int) -> SourceText {
      let half = String(repeating: "a", count: count / 2 - 1)
      return source("/// \(half)\n/// \(half).\n/// Another sentence.\npackage let a = 1")
    }
    #expect(DocumentationRules.documented(comment(150)) == [])
    #expect(DocumentationRules.documented(comment(152)).count == 1)
  }

  @Test func `measures functions from keyword to closing brace`() {
    let file = source(
      """
      protocol P {
        func a(x: Int)
        init()
      }
      struct S {
        init() {}
        func b(
          x: Int, y: [String: Int] = [:], z: (Int, Int) -> Int
        ) -> Int
        where T: P {
          { 1 }()
        }
      }
      let s = S.init()
      """)
    #expect(
      ShapeRules.functions(of: file) == [
        .init(index: 5, lineCount: 1, parameterCount: 0, isInitializer: true),
        .init(index: 6, lineCount: 6, parameterCount: 3, isInitializer: false),
      ])
  }

  @Test func `holds functions to 70 lines and 5 parameters`() {
    func function(_ lines: Int) -> SourceText {
      source("func a() {\n" + String(repeating: "b()\n", count: lines - 2) + "}")
    }
    #expect(ShapeRules.functionLength(function(70)).isEmpty)
    #expect(ShapeRules.functionLength(function(71)).count == 1)
    let six = "(a: A, b: A, c: A, d: A, e: A, f: A) {}"
    #expect(ShapeRules.parameterCount(source("func a" + six)).count == 1)
    #expect(ShapeRules.parameterCount(source("init" + six)).isEmpty)
  }

  @Test func `holds files to 400 lines, or to 600 with a reason`() {
    func file(_ lines: Int, first: String = "//") -> SourceText {
      source(first + String(repeating: "\n", count: lines))
    }
    #expect(ShapeRules.fileLength(file(400)).isEmpty)
    #expect(ShapeRules.fileLength(file(401)).count == 1)
    #expect(ShapeRules.fileLength(file(600, first: "// Long because tables are")).isEmpty)
    #expect(ShapeRules.fileLength(file(601, first: "// Long because tables are")).count == 1)
  }

  @Test func `holds lines to 100 columns, not bytes`() {
    #expect(ShapeRules.lineLength(source(String(repeating: "é", count: 100))).isEmpty)
    #expect(ShapeRules.lineLength(source(String(repeating: "a", count: 101))).count == 1)
    // A literal that fills its line cannot be broken without changing what it is compared with.
    #expect(ShapeRules.lineLength(source("  \"" + String(repeating: "a", count: 101))).isEmpty)
  }

  @Test func `wants copyright and licence first`() {
    let lines = "Copyright 2026 The Diorama authors\n// SPDX-License-Identifier: Apache-2.0"
    #expect(ShapeRules.header(source("// " + lines)).isEmpty)
    #expect(ShapeRules.header(source("// swift-tools-version: 6.2\n// " + lines)).isEmpty)
    #expect(ShapeRules.header(source("import Files\n// " + lines)).count == 1)
  }

  @Test func `refuses drawers`() {
    #expect(ShapeRules.fileName(source("", "Sources/A/StringUtils.swift")).count == 1)
    #expect(ShapeRules.fileName(source("", "Sources/A/CommonTypes.swift")).count == 1)
    #expect(ShapeRules.fileName(source("", "Sources/A/Uncommon.swift")).isEmpty)
  }
}

/// A file of a target called A, unless a path is given.
func source(_ text: String, _ path: String = "Sources/A/A.swift") -> SourceText {
  SourceText(path: path, text: text)
}
