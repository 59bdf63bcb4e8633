// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// The rules of `Sources/README.md` that a test can hold, over every file of the repository.
@Suite struct `The repository` {
  /// Read once, for all tests.
  private static let read = Result { try Repository() }
  private let repository: Repository

  init() throws { repository = try Self.read.get() }

  @Test func `is read at all`() {
    #expect(repository.swift.count > 20)
    #expect(repository.manifest.targets.contains { $0.name == "Geometry" })
    #expect(repository.pureFiles.contains { $0.path == "Sources/Geometry/Quaternion.swift" })
  }

  @Test func `has no file outside a target`() {
    let strays = repository.swift.filter { repository.manifest.target(owning: $0.path) == nil }
    #expect(strays.map(\.path) == [])
  }

  @Test func `keeps its floors`() {
    hold(ImportRules.manifestFloors(repository.manifest))
    for target in repository.manifest.targets where !target.isTest {
      for file in repository.files(of: target) {
        hold(ImportRules.floors(file, target: target.name))
      }
    }
  }

  @Test func `imports what it declares and declares what it imports`() {
    for target in repository.manifest.targets {
      let files = repository.files(of: target)
      if !files.isEmpty { hold(ImportRules.declared(files, target: target)) }
    }
  }

  @Test func `describes every target on a page`() {
    let words = repository.pages.flatMap(\.lines).joined(separator: "\n")
    for target in repository.manifest.targets where !target.isTest {
      let isShim = FloorTable.floor(of: target.name) == 0
      let mark = isShim ? "| `\(target.name)` |" : "- **\(target.name)**"
      #expect(words.contains(mark), "no paragraph for \(target.name)")
    }
    // The architecture page is read in one sitting.
    #expect(repository.pages[0].lines.count <= 250)
  }

  @Test func `imports each C module in one file, or in those that a page lists`() {
    let sources = repository.swift.filter { $0.path.hasPrefix("Sources/") }
    hold(ImportRules.cModuleImporters(sources))
    let words = repository.pages.flatMap(\.lines).joined(separator: "\n")
    for path in FloorTable.sharedCModules.values.joined() {
      let name = path.split(separator: "/").last ?? ""
      #expect(words.contains("`\(name)`"), "no page says that \(path) imports a C module")
    }
  }

  @Test func `tests every target`() {
    hold(ImportRules.everyTargetIsTested(repository.manifest))
  }

  @Test(arguments: [
    ShapeRules.fileLength, ShapeRules.lineLength, ShapeRules.header, ShapeRules.fileName,
    ShapeRules.functionLength, ShapeRules.parameterCount, WordRules.banned, WordRules.forceUnwrap,
    WordRules.excuses, WordRules.pending, WordRules.commentedOutCode,
    DocumentationRules.documented,
  ])
  func `keeps each rule in each Swift file`(rule: @Sendable (SourceText) -> [Violation]) {
    for file in repository.swift { hold(rule(file)) }
  }

  @Test func `keeps the manifest in order`() {
    for rule in [ShapeRules.header, ShapeRules.lineLength, WordRules.banned, WordRules.pending] {
      hold(rule(repository.manifestText))
    }
  }

  @Test func `keeps floors 1 to 3 silent and repeatable`() {
    for file in repository.pureFiles { hold(WordRules.impure(file)) }
  }

  @Test func `keeps C files and scripts in order`() {
    for file in repository.c + repository.scripts {
      hold(ShapeRules.header(file) + ShapeRules.lineLength(file))
    }
    for file in repository.c { hold(ShapeRules.fileLength(file) + WordRules.pending(file)) }
  }

  private func hold(_ violations: [Violation]) {
    for violation in violations { Issue.record("\(violation)") }
  }
}
