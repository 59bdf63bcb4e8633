// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import ImageFiles
import Images
import Meshes

/// The bytes in which a worker hands meshes to the process that started it.
///
///     4 B   magic, "DMSH"
///     u32   number of pictures
///     then for each picture:
///     u32   columns (w), rows (h)
///     u8    samples (h x w x 3), sRGB
///     u32   number of meshes
///     then for each mesh:
///     u32   vertices (v)
///     u32   normals, 0 or v (n)
///     u32   indices, three a triangle (i)
///     u32   the picture on it, counted from 1 on, 0 for none
///     u32   what lies beyond the picture's sides, and above and below it; see MeshTexture.Wrap
///     f32   colour, sRGB, red, green, blue; metallic; roughness
///     f32   how solid the picture must be where the mesh is, 0 for everywhere
///     u8    unless 0, how solid each pixel is (h x w)
///     f32   positions (v x 3), normals (n x 3), with a picture places on it (v x 2)
///     u32   indices (i)
///
/// All little-endian. Never stored: both ends are the same executable.
enum MeshStream {
  private static let magic = Array("DMSH".utf8)

  static func encode(_ meshes: [TriangleMesh]) -> [UInt8] {
    var pictures: [RGBImage] = []
    for picture in meshes.compactMap(\.texture?.image) where !pictures.contains(picture) {
      pictures.append(picture)
    }
    var bytes = magic
    append(UInt32(pictures.count), to: &bytes)
    for picture in pictures {
      append(UInt32(picture.width), to: &bytes)
      append(UInt32(picture.height), to: &bytes)
      bytes += picture.bytes
    }
    append(UInt32(meshes.count), to: &bytes)
    for mesh in meshes {
      mesh.checkInvariants()
      for count in [mesh.positions.count, mesh.normals.count, mesh.indices.count] {
        append(UInt32(count), to: &bytes)
      }
      let place = mesh.texture.flatMap { pictures.firstIndex(of: $0.image) }
      append(UInt32(place.map { $0 + 1 } ?? 0), to: &bytes)
      append(mesh.texture?.wrapU.rawValue ?? 0, to: &bytes)
      append(mesh.texture?.wrapV.rawValue ?? 0, to: &bytes)
      let material = [mesh.material.metallic, mesh.material.roughness]
      let cutout = mesh.texture?.cutout
      append(mesh.colourSRGB.scalars + material + [cutout?.threshold ?? 0], to: &bytes)
      bytes += cutout?.alpha ?? []
      append(mesh.positions.flatMap(\.scalars), to: &bytes)
      append(mesh.normals.flatMap(\.scalars), to: &bytes)
      append(mesh.textureCoordinates.flatMap { [$0.x, $0.y] }, to: &bytes)
      unsafe mesh.indices.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// Decodes bytes from a process that may have been taken over by a hostile mesh.
  static func decode(_ bytes: [UInt8], file: String) throws(InputError) -> [TriangleMesh] {
    var reader = ByteReader(file: file, bytes: bytes)
    guard try reader.take(4, field: "worker.magic") == magic else {
      throw InputError(
        file: file, field: "worker.magic", found: "other bytes", expected: "a mesh stream")
    }
    let pictureCount = Int(try reader.littleEndian(UInt32.self, field: "worker.pictureCount"))
    let leastPictureByteCount = 11
    try reader.require(pictureCount * leastPictureByteCount, for: "worker.pictures")
    var pictures: [RGBImage] = []
    for _ in 0..<pictureCount { pictures.append(try picture(&reader)) }
    let count = Int(try reader.littleEndian(UInt32.self, field: "worker.meshCount"))
    let leastMeshByteCount = 48
    try reader.require(count * leastMeshByteCount, for: "worker.meshes")
    var meshes: [TriangleMesh] = []
    for _ in 0..<count { meshes.append(try mesh(&reader, pictures)) }
    guard reader.remaining == 0 else {
      throw InputError(
        file: file, field: "worker.meshes", found: "\(reader.remaining) bytes more",
        expected: "the end after \(count) meshes")
    }
    return meshes
  }

  private static func picture(_ reader: inout ByteReader) throws(InputError) -> RGBImage {
    let width = Int(try reader.littleEndian(UInt32.self, field: "picture.width"))
    let height = Int(try reader.littleEndian(UInt32.self, field: "picture.height"))
    let edges = 1...NamedPictures.edgeLimit
    guard edges.contains(width), edges.contains(height) else {
      throw InputError(
        file: reader.file, field: "picture", found: "\(width) x \(height) pixels",
        expected: "1 to \(NamedPictures.edgeLimit) pixels a side")
    }
    return RGBImage(
      width: width, height: height,
      bytes: try reader.take(width * height * 3, field: "picture.samples"))
  }

  private static func mesh(
    _ reader: inout ByteReader, _ pictures: [RGBImage]
  ) throws(InputError) -> TriangleMesh {
    let vertexCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.vertexCount"))
    let normalCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.normalCount"))
    let indexCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.indexCount"))
    guard indexCount % 3 == 0, normalCount == 0 || normalCount == vertexCount else {
      throw InputError(
        file: reader.file, field: "mesh.counts",
        found: "\(vertexCount) vertices, \(normalCount) normals, \(indexCount) indices",
        expected: "a normal a vertex or none, and three indices a triangle")
    }
    var texture = try texture(&reader, pictures)
    let look = try floats(6, &reader, field: "mesh.colour")
    if look[5] != 0 {
      guard let image = texture?.image, look[5] > 0, look[5] <= 1 else {
        throw InputError(
          file: reader.file, field: "mesh.cutout", found: "\(look[5])",
          expected: "0, or up to 1 with a picture")
      }
      texture?.cutout = MeshTexture.Cutout(
        alpha: try reader.take(image.width * image.height, field: "mesh.alpha"),
        threshold: look[5])
    }
    let positions = try vectors(vertexCount, &reader, field: "mesh.positions")
    let normals = try vectors(normalCount, &reader, field: "mesh.normals")
    let places = try floats(
      texture == nil ? 0 : 2 * vertexCount, &reader, field: "mesh.textureCoordinates")
    let indices = try indices(indexCount, below: vertexCount, &reader)
    var mesh = TriangleMesh(
      positions: positions, normals: normals, indices: indices,
      colourSRGB: SIMD3(look[0], look[1], look[2]))
    mesh.texture = texture
    mesh.textureCoordinates = (0..<places.count / 2).map {
      SIMD2(places[2 * $0], places[2 * $0 + 1])
    }
    mesh.material.metallic = min(max(look[3], 0), 1)
    mesh.material.roughness = min(max(look[4], 0), 1)
    return mesh
  }

  private static func texture(
    _ reader: inout ByteReader, _ pictures: [RGBImage]
  ) throws(InputError) -> MeshTexture? {
    let place = Int(try reader.littleEndian(UInt32.self, field: "mesh.picture"))
    let u = try reader.littleEndian(UInt32.self, field: "mesh.wrapU")
    let v = try reader.littleEndian(UInt32.self, field: "mesh.wrapV")
    guard place <= pictures.count, let wrapU = MeshTexture.Wrap(rawValue: u),
      let wrapV = MeshTexture.Wrap(rawValue: v)
    else {
      throw InputError(
        file: reader.file, field: "mesh.picture", found: "\(place), beyond it \(u) and \(v)",
        expected: "at most \(pictures.count), and 0 to 2")
    }
    return place == 0 ? nil : MeshTexture(pictures[place - 1], wrapU: wrapU, wrapV: wrapV)
  }

  private static func indices(
    _ count: Int, below vertexCount: Int, _ reader: inout ByteReader
  ) throws(InputError) -> [UInt32] {
    let bytes = try reader.take(count * 4, field: "mesh.indices")
    let indices = unsafe bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        UInt32(
          littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
      }
    }
    if let index = indices.first(where: { $0 >= vertexCount }) {
      throw InputError(
        file: reader.file, field: "mesh.indices", found: "\(index)",
        expected: "less than \(vertexCount) vertices")
    }
    return indices
  }

  private static func vectors(
    _ count: Int, _ reader: inout ByteReader, field: String
  ) throws(InputError) -> [SIMD3<Float>] {
    let values = try floats(3 * count, &reader, field: field)
    return (0..<count).map { SIMD3(values[3 * $0], values[3 * $0 + 1], values[3 * $0 + 2]) }
  }

  private static func floats(
    _ count: Int, _ reader: inout ByteReader, field: String
  ) throws(InputError) -> [Float] {
    let bytes = try reader.take(count * 4, field: field)
    let values = unsafe bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        Float(
          bitPattern: UInt32(
            littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else {
      throw InputError(
        file: reader.file, field: field, found: "NaN or infinity", expected: "finite values")
    }
    return values
  }

  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }

  private static func append(_ values: [Float], to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + values.count * 4)
    for value in values { append(value.bitPattern, to: &bytes) }
  }
}

extension SIMD3<Float> {
  fileprivate var scalars: [Float] { [x, y, z] }
}
