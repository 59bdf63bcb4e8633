// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The rules about who imports whom: each returns every place that breaks it.
enum ImportRules {
  struct Import: Equatable {
    let module: String
    /// The line, counted from 0.
    let index: Int
  }

  /// The imports of a file, whatever attributes, access level or symbol kind stand around them.
  static func imports(of file: SourceText) -> [Import] {
    file.code.enumerated().compactMap { index, line in
      let words = line.split { $0 == " " || $0 == "." }.map(String.init)
      guard let keyword = words.firstIndex(of: "import"),
        words[..<keyword].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") })
      else { return nil }
      let module = words[(keyword + 1)...].first { !symbolKinds.contains($0) }
      return module.map { Import(module: $0, index: index) }
    }
  }

  /// Every import of a source file goes to a lower floor, or to what the module table allows.
  static func floors(_ file: SourceText, target: String) -> [Violation] {
    imports(of: file).compactMap { item in
      let reason: String?
      if let importers = FloorTable.modules[item.module] {
        let isAllowed = importers.isEmpty || importers.contains(target)
        reason = isAllowed ? nil : "\(item.module) is not for \(target)"
      } else {
        reason = FloorTable.refusal(target, imports: item.module)
      }
      return reason.map { file.violation(item.index, $0) }
    }
  }

  /// Every import of one of our targets is declared in the manifest, and the other way round.
  static func declared(_ files: [SourceText], target: Manifest.Target) -> [Violation] {
    // A name with a small first letter is a program: it is started, not imported.
    var unused = Set(target.dependencies.filter { $0.first?.isLowercase == false })
    var result: [Violation] = []
    for file in files {
      for item in imports(of: file) {
        unused.remove(item.module)
        let isOurs = FloorTable.floor(of: item.module) != nil
        guard isOurs, !target.dependencies.contains(item.module), item.module != target.name
        else { continue }
        result.append(
          file.violation(
            item.index, "\(target.name) imports \(item.module), which Package.swift does not say"))
      }
    }
    for name in unused.sorted() {
      result.append(manifest("\(target.name) declares \(name) and never imports it"))
    }
    return result
  }

  /// What the manifest lets a target depend on obeys the floors too.
  static func manifestFloors(_ manifest: Manifest) -> [Violation] {
    manifest.targets.filter { !$0.isTest }.flatMap { target in
      target.dependencies.compactMap { name in
        let reason: String?
        if let importers = FloorTable.modules[name] {
          reason = importers.contains(target.name) ? nil : "\(name) is not for \(target.name)"
        } else {
          reason = FloorTable.refusal(target.name, imports: name)
        }
        return reason.map { self.manifest($0) }
      }
    }
  }

  /// Every C module of floor 0 is imported by one Swift file, which turns its codes into errors, or
  /// by exactly the files that the table lists.
  static func cModuleImporters(
    _ files: [SourceText], shared: [String: Set<String>] = FloorTable.sharedCModules
  ) -> [Violation] {
    let cModules = Set(FloorTable.floors[0].targets)
    var importers: [String: [String: Violation]] = [:]
    for file in files {
      for item in imports(of: file) where cModules.contains(item.module) {
        importers[item.module, default: [:]][file.path] = file.violation(
          item.index, "\(item.module) is for another file")
      }
    }
    return Set(importers.keys).union(shared.keys).sorted().flatMap { module -> [Violation] in
      let places = importers[module, default: [:]]
      guard let listed = shared[module] else {
        return places.count > 1 ? places.keys.sorted().compactMap { places[$0] } : []
      }
      let idle = listed.subtracting(places.keys).sorted().map { path in
        Violation(path: path, line: 1, message: "listed as an importer of \(module) and is none")
      }
      return places.keys.sorted().filter { !listed.contains($0) }.compactMap { places[$0] } + idle
    }
  }

  /// Every target of floors 1 to 3 has a test target of its name.
  static func everyTargetIsTested(_ manifest: Manifest) -> [Violation] {
    manifest.targets.compactMap { target in
      guard !target.isTest, let floor = FloorTable.floor(of: target.name), (1...3).contains(floor),
        manifest.target(named: target.name + "Tests") == nil
      else { return nil }
      return self.manifest("\(target.name) has no \(target.name)Tests")
    }
  }

  private static func manifest(_ message: String) -> Violation {
    Violation(path: "Package.swift", line: 1, message: message)
  }

  private static let modifiers: Set<String> = [
    "package", "internal", "private", "fileprivate", "public",
  ]
  private static let symbolKinds: Set<String> = [
    "struct", "class", "enum", "protocol", "func", "let", "var", "typealias",
  ]
}
