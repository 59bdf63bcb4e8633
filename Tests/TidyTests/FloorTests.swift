// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// The floors and the manifest, on texts made up for it.
@Suite struct `A floor` {
  @Test func `is imported only from above`() {
    #expect(FloorTable.refusal("Physics", imports: "Geometry") == nil)
    #expect(FloorTable.refusal("diorama", imports: "CPNG") == nil)
    #expect(FloorTable.refusal("Geometry", imports: "Physics") != nil)
    #expect(FloorTable.refusal("Physics", imports: "Simulation") != nil)
    #expect(FloorTable.refusal("Physics", imports: "SwiftyJSON") != nil)
  }

  @Test func `of engines has only strangers`() {
    #expect(FloorTable.refusal("Physics", imports: "Rasterizer") != nil)
    #expect(FloorTable.refusal("Rasterizer", imports: "Physics") != nil)
    #expect(FloorTable.refusal("Physics", imports: "Physics") == nil)
  }

  @Test func `of words is imported in the order of its list`() {
    #expect(FloorTable.refusal("Meshes", imports: "Geometry") == nil)
    #expect(FloorTable.refusal("Geometry", imports: "Meshes") != nil)
    #expect(FloorTable.refusal("Agents", imports: "Simulation") == nil)
    #expect(FloorTable.refusal("Simulation", imports: "Agents") != nil)
  }

  @Test func `lists every target once`() {
    let all = FloorTable.floors.flatMap(\.targets)
    #expect(Set(all).count == all.count)
  }

  @Test func `is kept by every way to write an import`() {
    let lines = [
      "package import Physics", "@preconcurrency import Physics", "import struct Physics.Model",
      "internal import class Physics.Model  // why", "import Physics",
    ]
    for line in lines {
      let file = source(line)
      #expect(ImportRules.imports(of: file) == [.init(module: "Physics", index: 0)], "\(line)")
      #expect(ImportRules.floors(file, target: "Geometry").count == 1, "\(line)")
      #expect(ImportRules.floors(file, target: "Simulation").isEmpty, "\(line)")
    }
    #expect(ImportRules.imports(of: source("let important = 1")).isEmpty)
  }

  @Test func `keeps packages to those they are for`() {
    let file = source("import ArgumentParser")
    #expect(ImportRules.floors(file, target: "Simulation").count == 1)
    #expect(ImportRules.floors(file, target: "diorama").isEmpty)
    #expect(ImportRules.floors(source("import Foundation"), target: "Geometry").isEmpty)
  }

  @Test func `imports each C module in one file`() {
    let one = source("import CPNG", "Sources/ImageFiles/PNG.swift")
    let two = source("import CPNG", "Sources/ImageFiles/Other.swift")
    #expect(ImportRules.cModuleImporters([one], shared: [:]).isEmpty)
    #expect(ImportRules.cModuleImporters([one, two], shared: [:]).count == 2)
  }

  @Test func `imports a C module in exactly the files that are listed`() {
    let files = ["A", "B", "C"].map { source("import CPNG", "Sources/ImageFiles/\($0).swift") }
    func paths(_ count: Int) -> Set<String> { Set(files.prefix(count).map(\.path)) }
    #expect(ImportRules.cModuleImporters(files, shared: ["CPNG": paths(3)]).isEmpty)
    let surplus = ImportRules.cModuleImporters(files, shared: ["CPNG": paths(2)])
    #expect(surplus.map(\.path) == [files[2].path])
    let idle = ImportRules.cModuleImporters([files[0]], shared: ["CPNG": paths(2)])
    #expect(idle.map(\.path) == [files[1].path])
  }
}

@Suite struct `The manifest's reader` {
  private let manifest = Manifest(
    text: """
      func floor(_ name: String) -> Target { .target(name: name) }
      let package = Package(
        name: "p",
        products: [.executable(name: "diorama", targets: ["diorama"])],
        targets: [
          // floor("Commented", ["Out"]),
          system("CPNG", pkgConfig: "libpng", debian: "libpng-dev"),
          .systemLibrary(name: "CAV", path: "Shims/CAV", providers: [.apt(["libav"])]),
          .target(
            name: "Kernels", path: "Shims/Kernels", cxxSettings: [.headerSearchPath(".")]),
          floor("Geometry"),
          floor("ImageFiles", ["CPNG"]),
          floor(
            "Simulation",
            [
              "Physics", "Geometry",
              .product(name: "Yams", package: "Yams"),
            ]),
          .executableTarget(
            name: "diorama", dependencies: ["Simulation"], swiftSettings: rules),
          tests("Geometry", [.target(name: "Files")]),
          .testTarget(name: "TidyTests", swiftSettings: rules),
        ]
      )
      """)

  @Test func `finds every target with its folder`() {
    #expect(
      manifest.targets.map(\.path) == [
        "Shims/CPNG", "Shims/CAV", "Shims/Kernels", "Sources/Geometry", "Sources/ImageFiles",
        "Sources/Simulation", "Sources/diorama", "Tests/GeometryTests", "Tests/TidyTests",
      ])
    #expect(manifest.targets.filter(\.isTest).map(\.name) == ["GeometryTests", "TidyTests"])
    #expect(manifest.target(owning: "Sources/Geometry/A.swift")?.name == "Geometry")
    #expect(manifest.target(owning: "Sources/GeometryMore/A.swift") == nil)
  }

  @Test func `finds what each depends on`() {
    #expect(manifest.target(named: "Geometry")?.dependencies == [])
    #expect(manifest.target(named: "CPNG")?.dependencies == [])
    #expect(manifest.target(named: "Kernels")?.dependencies == [])
    #expect(manifest.target(named: "ImageFiles")?.dependencies == ["CPNG"])
    #expect(manifest.target(named: "Simulation")?.dependencies == ["Physics", "Geometry", "Yams"])
    #expect(manifest.target(named: "diorama")?.dependencies == ["Simulation"])
    #expect(manifest.target(named: "GeometryTests")?.dependencies == ["Geometry", "Files"])
  }

  @Test func `shows what is declared against the floors`() {
    let wrong = Manifest(
      text: "let package = Package(targets: [floor(\"Geometry\", [\"Physics\"])])")
    #expect(ImportRules.manifestFloors(wrong).count == 1)
    #expect(ImportRules.everyTargetIsTested(wrong).count == 1)
    #expect(
      ImportRules.everyTargetIsTested(manifest).map(\.message) == [
        "ImageFiles has no ImageFilesTests", "Simulation has no SimulationTests",
      ])
  }

  @Test func `shows imports that are not declared and declarations that nobody needs`() throws {
    let target = try #require(manifest.target(named: "ImageFiles"))
    let undeclared = source("import CPNG\nimport Images", "Sources/ImageFiles/A.swift")
    #expect(ImportRules.declared([undeclared], target: target).map(\.line) == [2])
    let unused = source("import Foundation", "Sources/ImageFiles/A.swift")
    #expect(ImportRules.declared([unused], target: target).count == 1)
  }
}
