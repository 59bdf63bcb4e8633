// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Who may import whom, as data: the one place that says it.
enum FloorTable {
  /// How the targets of one floor stand to each other.
  enum Order {
    /// No target imports another of its floor.
    case strangers
    /// A target imports only those that are listed before it.
    case listed
  }

  struct Floor {
    let order: Order
    let targets: [String]
  }

  /// The floors from the ground up; every floor may import all that lie below it.
  static let floors = [
    Floor(
      order: .strangers,
      targets: [
        "CMuJoCo", "CAssimp", "CPNG", "CJPEG", "CWebP", "CZstd", "CZlib", "COpenSSL", "CAV",
        "CMeshOptimizer", "CArchive", "CPROJ", "CLASzip", "CTIFF", "CEigen", "COsmium", "Kernels",
        "Launcher",
      ]),
    Floor(
      order: .listed,
      targets: [
        "Geometry", "Randomness", "Parallel", "Files", "Images", "Meshes", "Splats", "ImageFiles",
      ]),
    Floor(
      order: .strangers,
      targets: [
        "SplatFormats", "SceneStore", "Cities", "Rasterizer", "Sensors", "Physics", "MeshFormats",
        "Reconstruction", "Assets", "Datasets", "Maps",
      ]),
    Floor(order: .listed, targets: ["Worlds", "Simulation", "Agents", "Episodes"]),
    Floor(order: .strangers, targets: ["diorama"]),
  ]

  /// Modules of the toolchain and of packages, and who may import them; empty means everyone.
  static let modules: [String: Set<String>] = [
    "Swift": [], "Foundation": [], "FoundationEssentials": [], "Glibc": [], "Dispatch": [],
    "Synchronization": [],
    "GRDB": ["SceneStore", "Maps"],
    "Yams": ["Worlds"],
    "ArgumentParser": ["diorama"],
  ]

  /// Modules that only tests import.
  static let testModules: Set<String> = ["Testing"]

  /// C modules that several files import, and exactly which; `Shims/README.md` says why.
  static let sharedCModules: [String: Set<String>] = [
    "CAV": ["Sources/Datasets/LibAVReading.swift", "Sources/Datasets/LibAVWriting.swift"],
    "CEigen": [
      "Sources/Agents/DampedLeastSquaresIK.swift", "Sources/Reconstruction/LinearAlgebra.swift",
    ],
    "CMeshOptimizer": [
      "Sources/Meshes/TriangleMesh+Clusters.swift", "Sources/Meshes/TriangleMesh+Decimation.swift",
    ],
    "CMuJoCo": [
      "Sources/Physics/Batch.swift", "Sources/Physics/Model.swift",
      "Sources/Physics/Model+Surfaces.swift", "Sources/Physics/ModelSpec.swift",
      "Sources/Physics/State.swift",
    ],
    "Kernels": [
      "Sources/Rasterizer/BackwardPass.swift", "Sources/Rasterizer/BlendWork.swift",
      "Sources/Rasterizer/BoundRays.swift",
      "Sources/Rasterizer/KernelFrame.swift", "Sources/Rasterizer/MeshPass.swift",
      "Sources/Rasterizer/MeshRayPass.swift", "Sources/Rasterizer/MeshView.swift",
      "Sources/Rasterizer/RayPass.swift", "Sources/Rasterizer/ShadowPass.swift",
      "Sources/Rasterizer/SplatPass.swift", "Sources/Rasterizer/SplatShadow.swift",
      "Sources/SceneStore/SplatColumns.swift", "Sources/SceneStore/SplatMerge.swift",
      "Sources/SceneStore/SplatMoments.swift", "Sources/SceneStore/SplatPage+Unpacking.swift",
    ],
  ]

  static func floor(of target: String) -> Int? {
    floors.firstIndex { $0.targets.contains(target) }
  }

  /// Why a target may not import another, or nil when it may.
  static func refusal(_ importer: String, imports imported: String) -> String? {
    guard let upper = floor(of: importer) else { return "\(importer) has no floor" }
    guard let lower = floor(of: imported) else { return "\(imported) has no floor" }
    if lower > upper { return "floor \(upper) (\(importer)) imports floor \(lower) (\(imported))" }
    if lower < upper || importer == imported { return nil }
    switch floors[upper].order {
    case .strangers:
      return "\(importer) and \(imported) share floor \(upper) and never import each other"
    case .listed:
      let targets = floors[upper].targets
      let isEarlier = targets.prefix { $0 != importer }.contains(imported)
      return isEarlier ? nil : "\(importer) is listed before \(imported) on floor \(upper)"
    }
  }
}
