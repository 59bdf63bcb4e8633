// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Meshes

/// The bytes in which a worker hands meshes to the process that started it.
///
///     4 B   magic, "DMSH"
///     u32   number of meshes
///     then for each mesh:
///     u32   vertices (v)
///     u32   normals, 0 or v (n)
///     u32   indices, three a triangle (i)
///     f32   colour, sRGB, red, green, blue
///     f32   positions (v x 3), normals (n x 3)
///     u32   indices (i)
///
/// All little-endian. Never stored: both ends are the same executable.
enum MeshStream {
  private static let magic = Array("DMSH".utf8)

  static func encode(_ meshes: [TriangleMesh]) -> [UInt8] {
    var bytes = magic
    append(UInt32(meshes.count), to: &bytes)
    for mesh in meshes {
      mesh.checkInvariants()
      for count in [mesh.positions.count, mesh.normals.count, mesh.indices.count] {
        append(UInt32(count), to: &bytes)
      }
      append([mesh.colourSRGB], to: &bytes)
      append(mesh.positions, to: &bytes)
      append(mesh.normals, to: &bytes)
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
    let count = Int(try reader.littleEndian(UInt32.self, field: "worker.meshCount"))
    let leastMeshByteCount = 24
    try reader.require(count * leastMeshByteCount, for: "worker.meshes")
    var meshes: [TriangleMesh] = []
    for _ in 0..<count { meshes.append(try mesh(&reader)) }
    guard reader.remaining == 0 else {
      throw InputError(
        file: file, field: "worker.meshes", found: "\(reader.remaining) bytes more",
        expected: "the end after \(count) meshes")
    }
    return meshes
  }

  private static func mesh(_ reader: inout ByteReader) throws(InputError) -> TriangleMesh {
    let vertexCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.vertexCount"))
    let normalCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.normalCount"))
    let indexCount = Int(try reader.littleEndian(UInt32.self, field: "mesh.indexCount"))
    guard indexCount % 3 == 0, normalCount == 0 || normalCount == vertexCount else {
      throw InputError(
        file: reader.file, field: "mesh.counts",
        found: "\(vertexCount) vertices, \(normalCount) normals, \(indexCount) indices",
        expected: "a normal a vertex or none, and three indices a triangle")
    }
    let colour = try vectors(1, &reader, field: "mesh.colour")[0]
    let positions = try vectors(vertexCount, &reader, field: "mesh.positions")
    let normals = try vectors(normalCount, &reader, field: "mesh.normals")
    try reader.require(indexCount * 4, for: "mesh.indices")
    let indexBytes = try reader.take(indexCount * 4, field: "mesh.indices")
    let indices = unsafe indexBytes.withUnsafeBytes { bytes in
      (0..<indexCount).map { index in
        UInt32(
          littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
      }
    }
    if let index = indices.first(where: { $0 >= vertexCount }) {
      throw InputError(
        file: reader.file, field: "mesh.indices", found: "\(index)",
        expected: "less than \(vertexCount) vertices")
    }
    return TriangleMesh(
      positions: positions, normals: normals, indices: indices, colourSRGB: colour)
  }

  private static func vectors(
    _ count: Int, _ reader: inout ByteReader, field: String
  ) throws(InputError) -> [SIMD3<Float>] {
    let bytes = try reader.take(count * 12, field: field)
    let vectors = unsafe bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        func float(_ axis: Int) -> Float {
          let offset = index * 12 + axis * 4
          return Float(
            bitPattern: UInt32(
              littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        return SIMD3(float(0), float(1), float(2))
      }
    }
    guard vectors.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
      throw InputError(
        file: reader.file, field: field, found: "NaN or infinity", expected: "finite values")
    }
    return vectors
  }

  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }

  private static func append(_ vectors: [SIMD3<Float>], to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + vectors.count * 12)
    for vector in vectors {
      append(vector.x.bitPattern, to: &bytes)
      append(vector.y.bitPattern, to: &bytes)
      append(vector.z.bitPattern, to: &bytes)
    }
  }
}
