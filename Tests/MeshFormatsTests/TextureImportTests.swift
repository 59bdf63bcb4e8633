// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images
import Meshes
import Testing

@testable import MeshFormats

/// A unit square, the lower left corner of its picture at the origin.
private let square = """
  mtllib square.mtl
  v 0 0 0
  v 1 0 0
  v 1 1 0
  v 0 1 0
  vt 0 0
  vt 1 0
  vt 1 1
  vt 0 1
  usemtl painted
  f 1/1 2/2 3/3 4/4

  """

/// Red and green above, blue and white below.
private let picture = RGBImage(
  width: 2, height: 2, bytes: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])

/// The same in glTF, whose v counts from the first row on.
private func gltf(
  _ image: String, sampler: String = "{}", material: String = "", firstU: Float = 0
) -> String {
  // Positions, places on the picture, and six indices.
  let floats: [Float] = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, firstU, 1, 1, 1, 1, 0, 0, 0]
  let indices: [UInt16] = [0, 1, 2, 0, 2, 3]
  var bytes = Data()
  for word in floats.map(\.bitPattern) {
    for shift in [0, 8, 16, 24] as [UInt32] {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
  for index in indices { bytes += [UInt8(index), 0] }
  return """
    {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2,
    "material": 0}]}],
    "accessors": [
    {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [0, 0, 0],
    "max": [1, 1, 0]},
    {"bufferView": 1, "componentType": 5126, "count": 4, "type": "VEC2"},
    {"bufferView": 2, "componentType": 5123, "count": 6, "type": "SCALAR"}],
    "bufferViews": [{"buffer": 0, "byteLength": 48},
    {"buffer": 0, "byteOffset": 48, "byteLength": 32},
    {"buffer": 0, "byteOffset": 80, "byteLength": 12}],
    "buffers": [{"byteLength": 92,
    "uri": "data:application/octet-stream;base64,\(bytes.base64EncodedString())"}],
    "images": [\(image)], "samplers": [\(sampler)], "textures": [{"source": 0, "sampler": 0}],
    "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}\(material)}}]}
    """
}

extension ScratchFolder {
  fileprivate func file(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
}

/// Holds a mesh to be the square under the picture: each corner has the place that it should.
private func check(_ mesh: TriangleMesh) {
  mesh.checkInvariants()
  #expect(mesh.texture?.image == picture && mesh.positions.count == 4)
  for (position, place) in zip(mesh.positions, mesh.textureCoordinates) {
    // The picture stands upright: its first row, v = 0, is where y is 1.
    #expect(place == SIMD2(position.x, 1 - position.y))
  }
}

@Suite struct `Mesh importer and textures` {
  @Test func `lays the picture of an OBJ file upright`() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("square.mtl", "newmtl painted\nKd 1 0.5 1\nmap_Kd my pictures/a.png\n")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/my pictures", withIntermediateDirectories: true)
    try folder.file("my pictures/a.png", PNG.encode(picture))
    let meshes = try importer.read(folder.file("square.obj", square))
    #expect(meshes.count == 1 && meshes[0].colourSRGB == SIMD3(1, 0.5, 1))
    #expect(meshes[0].texture?.wrapU == .repeated && meshes[0].texture?.wrapV == .repeated)
    check(meshes[0])
  }

  @Test func `reads glTF's picture from beside it and from inside`() throws {
    let folder = try ScratchFolder()
    try folder.file("my picture.png", PNG.encode(picture))
    let inside = Data(PNG.encode(picture)).base64EncodedString()
    for uri in ["my%20picture.png", "data:image/png;base64,\(inside)"] {
      let text = gltf(
        #"{"uri": "\#(uri)", "mimeType": "image/png"}"#,
        sampler: #"{"wrapS": 33071, "wrapT": 33648}"#,
        material: #", "metallicFactor": 0.25, "roughnessFactor": 0.75"#)
      let mesh = try #require(try importer.read(folder.file("square.gltf", text)).first)
      #expect(mesh.texture?.wrapU == .clamped && mesh.texture?.wrapV == .mirrored)
      #expect(mesh.material.metallic == 0.25 && mesh.material.roughness == 0.75)
      check(mesh)
    }
  }

  @Test func `takes the mean of glTF's picture of metal and roughness`() throws {
    let folder = try ScratchFolder()
    try folder.file("a.png", PNG.encode(picture))
    let text = gltf(
      #"{"uri": "a.png"}"#, material: #", "metallicRoughnessTexture": {"index": 0}"#)
    let mesh = try #require(try importer.read(folder.file("square.gltf", text)).first)
    // Green is roughness and blue is metal: each in two of four pixels.
    #expect(mesh.material.metallic == 0.5 && mesh.material.roughness == 0.5)
  }

  @Test func `reads a photograph`() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("square.mtl", "newmtl painted\nKd 1 1 1\nmap_Kd a.jpg\n")
    try folder.file("a.jpg", try #require(Data(base64Encoded: greyJPEG)).map { $0 })
    let meshes = try importer.read(folder.file("square.obj", square))
    #expect(
      meshes[0].texture?.image
        == RGBImage(
          width: 8, height: 8, bytes: Array(repeating: 128, count: 8 * 8 * 3)))
  }

  @Test func `leaves out the places of a mesh without a picture`() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("square.mtl", "newmtl painted\nKd 1 1 1\n")
    let mesh = try importer.read(folder.file("square.obj", square))[0]
    #expect(mesh.texture == nil && mesh.textureCoordinates.isEmpty)
  }
}

/// 8 x 8 pixels of grey.
private let greyJPEG =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1"
  + "tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAA"
  + "AAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"

/// A picture's name and its bytes, nil for none, and words that the message must hold.
private let badPictures: [(String, [UInt8]?, String)] = [
  ("missing.png", nil, "texture missing.png: found nothing that can be read"),
  ("cut.png", Array(PNG.encode(noise).dropLast(300)), "texture cut.png"),
  ("cut.jpg", Array((Data(base64Encoded: greyJPEG) ?? Data()).prefix(154)), "texture cut.jpg"),
  ("text.png", Array("no picture".utf8), "a PNG or a JPEG file"),
  ("empty.png", [], "a PNG or a JPEG file"),
  ("huge.png", huge, "texture huge.png"),
  ("../outside.png", PNG.encode(picture), "a path that leads elsewhere"),
  ("below/../../outside.png", PNG.encode(picture), "a path that leads elsewhere"),
  ("..\\outside.png", PNG.encode(picture), "a path that leads elsewhere"),
  ("/etc/hostname", nil, "a path that leads elsewhere"),
  ("C:\\outside.png", nil, "a path that leads elsewhere"),
]

/// 64 x 64 pixels that do not compress.
private let noise = RGBImage(
  width: 64, height: 64, bytes: (0..<64 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) })

/// The header of a picture with more pixels than there is memory.
private let huge: [UInt8] = {
  var bytes = PNG.encode(picture)
  let size: [UInt8] = [0x77, 0x35, 0x94, 0x00]
  bytes.replaceSubrange(16..<24, with: size + size)
  bytes.replaceSubrange(29..<33, with: bigEndianBytes(crc32(of: Array(bytes[12..<29]))))
  return bytes
}()

private func bigEndianBytes(_ value: UInt32) -> [UInt8] {
  stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
}

/// Red, and green of which nothing is there; blue of which half is, and white.
private let seeThrough =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFUlEQVR4nGP4z8DwHwhB4H/DfyAAAD1XCHmTHjG4AAAAAElF"
  + "TkSuQmCC"

@Suite struct `glTF's alpha` {
  private func read(_ mode: String, picture: [UInt8]? = nil) throws -> [TriangleMesh] {
    let folder = try ScratchFolder()
    try folder.file("a.png", picture ?? Array(Data(base64Encoded: seeThrough) ?? Data()))
    return try importer.read(
      folder.file("square.gltf", gltf(#"{"uri": "a.png"}"#, material: mode)))
  }

  @Test func `cuts a picture out where the material says MASK`() throws {
    for (mode, threshold) in [
      ("}, \"alphaMode\": \"MASK\", \"extras\": {\"a\": 1", Float(0.5)),
      ("}, \"alphaMode\": \"MASK\", \"alphaCutoff\": 0.25, \"extras\": {\"a\": 1", 0.25),
      (
        ", \"baseColorFactor\": [1, 1, 1, 0.8]}, \"alphaMode\": \"MASK\", \"alphaCutoff\": 0.4, "
          + "\"extras\": {\"a\": 1", 0.5
      ),
    ] {
      let texture = try #require(try read(mode).first?.texture)
      #expect(texture.cutout?.alpha == [255, 0, 128, 255])
      #expect(abs((texture.cutout?.threshold ?? 0) - threshold) < 1e-6)
      #expect(texture.image == picture)
    }
  }

  @Test func `is left out elsewhere, and where nothing is cut`() throws {
    for mode in ["", "}, \"alphaMode\": \"BLEND\", \"extras\": {\"a\": 1"] {
      let texture = try #require(try read(mode).first?.texture)
      #expect(texture.cutout == nil && texture.image == picture)
    }
    let mask = "}, \"alphaMode\": \"MASK\", \"extras\": {\"a\": 1"
    #expect(try read(mask, picture: PNG.encode(picture)).first?.texture?.cutout == nil)
    let none = "}, \"alphaMode\": \"MASK\", \"alphaCutoff\": 0, \"extras\": {\"a\": 1"
    #expect(try read(none).first?.texture?.cutout == nil)
  }

  @Test func `leaves no mesh where it is never enough`() throws {
    for mode in [
      "}, \"alphaMode\": \"MASK\", \"alphaCutoff\": 1.5, \"extras\": {\"a\": 1",
      ", \"baseColorFactor\": [1, 1, 1, 0]}, \"alphaMode\": \"MASK\", \"extras\": {\"a\": 1",
    ] {
      let error = #expect(throws: InputError.self) { try read(mode) }
      #expect(error?.found == "no triangles")
    }
  }
}

@Suite struct `A root folder` {
  private let folder: ScratchFolder

  /// root/meshes/square.obj, root/pictures/a.png and outside.png.
  init() throws {
    folder = try ScratchFolder()
    for name in ["root/meshes", "root/pictures"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    try folder.file("root/pictures/a.png", PNG.encode(picture))
    try folder.file("outside.png", PNG.encode(picture))
  }

  private func square(with name: String) throws -> String {
    _ = try folder.file("root/meshes/square.mtl", "newmtl painted\nKd 1 1 1\nmap_Kd \(name)\n")
    return try folder.file("root/meshes/square.obj", MeshFormatsTests.square)
  }

  @Test func `lets a mesh have pictures beside its own folder`() throws {
    let path = try square(with: "../pictures/a.png")
    for root in ["root", "root/", "root/meshes/..", "."] {
      check(try #require(try importer.read(path, root: "\(folder.path)/\(root)").first))
    }
    let error = #expect(throws: InputError.self) { try importer.read(path) }
    #expect(error?.found == "a path that leads elsewhere")
  }

  @Test func `lets none lie outside, through whatever name or link`() throws {
    let root = "\(folder.path)/root"
    // A link to the folder above, whose own parent a name then asks for.
    try FileManager.default.createSymbolicLink(
      atPath: "\(root)/pictures/up", withDestinationPath: root)
    try FileManager.default.createSymbolicLink(
      atPath: "\(root)/pictures/b.png", withDestinationPath: "\(folder.path)/outside.png")
    for (name, found) in [
      ("../../outside.png", "a path that leads elsewhere"),
      ("../pictures/../../outside.png", "a path that leads elsewhere"),
      ("\(folder.path)/root/pictures/a.png", "a path that leads elsewhere"),
      ("../pictures/b.png", "a link that leads elsewhere"),
      ("../pictures/up/../outside.png", "a link that leads elsewhere"),
    ] {
      let path = try square(with: name)
      let error = #expect(throws: InputError.self) { try importer.read(path, root: root) }
      #expect(error?.found == found, "\(name)")
      #expect(error?.expected == "a file in \(root) or below")
    }
  }

  @Test func `that does not hold the mesh is refused`() throws {
    let path = try square(with: "../pictures/a.png")
    for root in ["root/pictures", "nowhere", "root/mesh"] {
      let error = #expect(throws: InputError.self) {
        try importer.read(path, root: "\(folder.path)/\(root)")
      }
      #expect(error?.file == path && error?.expected == "a folder that the mesh lies in", "\(root)")
    }
  }
}

@Suite struct `Bad texture` {
  @Test(arguments: badPictures.indices) func `is named in one line`(index: Int) throws {
    let (name, bytes, words) = badPictures[index]
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/in/below", withIntermediateDirectories: true)
    try folder.file("outside.png", PNG.encode(picture))
    _ = try folder.file("in/square.mtl", "newmtl painted\nKd 1 1 1\nmap_Kd \(name)\n")
    if let bytes, !name.contains("..") { try folder.file("in/\(name)", bytes) }
    let path = try folder.file("in/square.obj", square)
    let error = #expect(throws: InputError.self, "\(name)") { try importer.read(path) }
    let message = error?.description ?? ""
    #expect(error?.file == path && message.contains(words), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test func `behind a link out of the folder is refused`() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/in", withIntermediateDirectories: true)
    try folder.file("outside.png", PNG.encode(picture))
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/in/a.png", withDestinationPath: "\(folder.path)/outside.png")
    _ = try folder.file("in/square.mtl", "newmtl painted\nKd 1 1 1\nmap_Kd a.png\n")
    let path = try folder.file("in/square.obj", square)
    let error = #expect(throws: InputError.self) { try importer.read(path) }
    #expect(error?.found == "a link that leads elsewhere")
  }

  @Test func `laid nowhere is refused`() throws {
    let folder = try ScratchFolder()
    try folder.file("a.png", PNG.encode(picture))
    let path = try folder.file("square.gltf", gltf(#"{"uri": "a.png"}"#, firstU: .nan))
    let error = #expect(throws: InputError.self) { try importer.read(path) }
    #expect(error?.field == "mesh.textureCoordinates")
  }

  @Test func `without places on it, or with a wrong one, is refused`() throws {
    let folder = try ScratchFolder()
    try folder.file("a.png", PNG.encode(picture))
    _ = try folder.file("square.mtl", "newmtl painted\nKd 1 1 1\nmap_Kd a.png\n")
    for face in ["1/1 2/2 3/3 4/9", "1 2 3 4"] {
      let text = square.replacing("1/1 2/2 3/3 4/4", with: face)
      let path = try folder.file("square.obj", text)
      let error = #expect(throws: InputError.self) { try importer.read(path) }
      #expect(error?.field == "mesh.textureCoordinates" && error?.found == "none")
    }
  }
}
