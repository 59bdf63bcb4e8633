// swift-tools-version: 6.2
// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// The rules every Swift target is compiled under; `Sources/README.md` says why each is on.
let swiftRules: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift target of floors 1 to 3, in `Sources/NAME`.
func floor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftRules)
}

/// The tests of one target, in `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.target(name: name)] + dependencies,
    swiftSettings: swiftRules)
}

/// A C library of the system: a module map and one shim header in `Shims/NAME`.
func system(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(
    name: name, path: "Shims/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let package = Package(
  name: "diorama",
  products: [.executable(name: "diorama", targets: ["diorama"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Floor 0: the system, and what only C or C++ can say.
    system("CMuJoCo", pkgConfig: "mujoco", debian: "see ./setup"),
    system("CAssimp", pkgConfig: "assimp", debian: "libassimp-dev"),
    system("CPNG", pkgConfig: "libpng", debian: "libpng-dev"),
    system("CJPEG", pkgConfig: "libjpeg", debian: "libjpeg62-turbo-dev"),
    system("CWebP", pkgConfig: "libwebp", debian: "libwebp-dev"),
    system("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
    system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
    system("CAV", pkgConfig: "libavformat", debian: "libavformat-dev"),
    system("CArchive", pkgConfig: "libarchive", debian: "libarchive-dev"),
    system("CPROJ", pkgConfig: "proj", debian: "libproj-dev"),
    system("CTIFF", pkgConfig: "libtiff-4", debian: "libtiff-dev"),
    system("CLASzip", pkgConfig: "laszip", debian: "see ./setup"),
    .systemLibrary(
      name: "CMeshOptimizer", path: "Shims/CMeshOptimizer",
      providers: [.apt(["libmeshoptimizer-dev"])]),
    .target(
      name: "CEigen", path: "Shims/CEigen", cxxSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "COsmium", path: "Shims/COsmium",
      cxxSettings: [.headerSearchPath("."), .treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("expat"), .linkedLibrary("z"), .linkedLibrary("bz2")]),
    .target(
      name: "Kernels", path: "Shims/Kernels",
      cxxSettings: [.headerSearchPath("."), .treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("hwy")]),
    .target(
      name: "Launcher", path: "Shims/Launcher", cSettings: [.treatAllWarnings(as: .error)]),

    // Floor 1: the vocabulary.
    floor("Geometry"),
    floor("Randomness"),
    floor("Parallel"),
    floor("Files", ["CZstd", "CZlib", "COpenSSL", "CArchive", "Launcher"]),
    floor("Images"),
    floor("Meshes", ["Geometry", "Files", "Images", "CMeshOptimizer"]),
    floor("Splats", ["Geometry"]),
    floor("ImageFiles", ["Images", "Files", "CPNG", "CJPEG", "CWebP"]),

    // Floor 2: the engines, which never import each other.
    floor("SplatFormats", ["Splats", "Geometry", "ImageFiles", "Files"]),
    floor(
      "SceneStore",
      [
        "Splats", "Geometry", "Parallel", "Files", "Kernels",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    floor(
      "Rasterizer",
      [
        "Splats", "Meshes", "Images", "Geometry", "Randomness", "Parallel", "Kernels",
      ]),
    floor("Cities", ["Splats", "Geometry", "Randomness"]),
    floor("Sensors", ["Images", "Geometry", "Randomness", "Parallel"]),
    floor("Physics", ["Meshes", "Images", "Geometry", "Files", "CMuJoCo"]),
    floor("MeshFormats", ["Meshes", "Images", "ImageFiles", "Files", "CAssimp"]),
    floor("Reconstruction", ["Splats", "Geometry", "Randomness", "Files", "CEigen"]),
    .target(
      name: "Assets", dependencies: ["Files"],
      resources: [.embedInCode("registry.json")], swiftSettings: swiftRules),
    floor("Datasets", ["ImageFiles", "Images", "Files", "CAV"]),
    floor(
      "Maps",
      [
        "Splats", "Images", "Geometry", "Files", "CPROJ", "CLASzip", "CTIFF", "COsmium",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),

    // Floor 3: the worlds.
    .target(
      name: "Worlds",
      dependencies: ["Geometry", "Files", .product(name: "Yams", package: "Yams")],
      resources: [.embedInCode("tabletop.yaml"), .embedInCode("garden.yaml")],
      swiftSettings: swiftRules),
    floor(
      "Simulation",
      [
        "Worlds", "SplatFormats", "SceneStore", "Rasterizer", "Physics", "MeshFormats",
        "Reconstruction", "Splats", "Meshes", "Images", "Geometry", "Randomness", "Files",
      ]),
    floor("Agents", ["Simulation", "Physics", "Geometry", "Files", "CEigen"]),
    floor(
      "Episodes",
      [
        "Worlds", "Simulation", "Agents", "Rasterizer", "Physics", "Datasets", "ImageFiles",
        "Splats", "Images", "Geometry", "Randomness", "Parallel", "Files",
      ]),

    // Floor 4: the edge.
    .executableTarget(
      name: "diorama",
      dependencies: [
        "Worlds", "Simulation", "Episodes", "SplatFormats", "SceneStore", "Cities", "Rasterizer",
        "Sensors", "Physics", "MeshFormats", "Reconstruction", "Assets", "Datasets", "Maps",
        "ImageFiles", "Splats", "Meshes", "Images", "Geometry", "Randomness", "Parallel", "Files",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftRules),

    // Tests mirror the sources.
    tests("Geometry"),
    tests("Randomness"),
    tests("Parallel"),
    tests("Files"),
    tests("Images"),
    tests("Meshes", ["Geometry", "Images"]),
    tests("Splats", ["Geometry", "Randomness"]),
    tests("ImageFiles", ["Images", "Files"]),
    tests("SplatFormats", ["Splats", "Geometry", "Randomness", "Files"]),
    tests("SceneStore", ["Splats", "Geometry", "Randomness", "Files"]),
    tests("Cities", ["Splats", "Geometry", "Randomness"]),
    tests("Rasterizer", ["Splats", "Meshes", "Images", "Geometry", "Randomness"]),
    tests("Sensors", ["Images", "Geometry", "Randomness"]),
    tests("Physics", ["Assets", "Meshes", "Images", "Geometry", "Files"]),
    tests("MeshFormats", ["Meshes", "Images", "ImageFiles", "Files", "mesh-worker-probe"]),
    tests("Reconstruction", ["Splats", "Geometry", "Randomness", "Files"]),
    tests("Assets", ["Files"]),
    tests("Datasets", ["ImageFiles", "Images", "Files"]),
    tests("Maps", ["Splats", "Images", "Geometry", "Files"]),
    tests("Worlds", ["Geometry", "Files"]),
    tests(
      "Simulation",
      [
        "Worlds", "SplatFormats", "SceneStore", "Rasterizer", "Physics", "Reconstruction", "Assets",
        "Splats", "Meshes", "Images", "Geometry", "Randomness", "Files",
      ]),
    tests("Agents", ["Simulation", "Physics", "Assets", "Geometry", "Randomness", "Files"]),
    tests(
      "Episodes",
      [
        "Worlds", "Simulation", "Rasterizer", "Physics", "Assets", "Datasets", "Splats", "Images",
        "Geometry", "Randomness", "Parallel", "Files",
      ]),
    .executableTarget(
      name: "mesh-worker-probe", dependencies: ["MeshFormats", "Meshes", "Files"],
      path: "Tests/mesh-worker-probe", swiftSettings: swiftRules),
    .testTarget(
      name: "dioramaTests",
      dependencies: [
        "diorama", "Worlds", "SplatFormats", "SceneStore", "MeshFormats", "Datasets", "ImageFiles",
        "Splats",
        "Meshes", "Images", "Geometry", "Files",
      ],
      swiftSettings: swiftRules),
    .testTarget(name: "TidyTests", swiftSettings: swiftRules),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)
