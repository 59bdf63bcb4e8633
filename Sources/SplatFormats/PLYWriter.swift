// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats

/// Returns a cloud as INRIA's trainer would write it: little-endian floats, normals of zero.
///
/// 17 floats a splat at degree 0, 62 at degree 3; see `parsePLY` for the encodings.
func encodePLY(
  _ cloud: SplatCloud, antialiased: Bool, file: String
) throws(InputError) -> [UInt8] {
  try requireFinite(cloud, file: file)
  let restCount = cloud.restCoefficientCount
  let names = plyNames(restCount: restCount)
  var header = "ply\nformat binary_little_endian 1.0\n"
  if antialiased { header += "comment SplatRenderMode: mip\n" }
  header += "element vertex \(cloud.count)\n"
  for name in names { header += "property float \(name)\n" }
  header += "end_header\n"

  let rowByteCount = names.count * MemoryLayout<Float>.size
  let byteCount = header.utf8.count + cloud.count * rowByteCount
  return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, initializedCount in
    _ = unsafe bytes.initialize(from: header.utf8)
    let rows = unsafe UnsafeMutableRawBufferPointer(
      rebasing: UnsafeMutableRawBufferPointer(bytes)[header.utf8.count...])
    for index in 0..<cloud.count {
      let row = unsafe UnsafeMutableRawBufferPointer(
        rebasing: rows[(index * rowByteCount)..<((index + 1) * rowByteCount)])
      unsafe storeRow(of: cloud, index, restCount: restCount, in: row)
    }
    initializedCount = byteCount
  }
}

/// Throws when a value of the cloud is NaN or infinite; no container stores those faithfully.
func requireFinite(_ cloud: SplatCloud, file: String) throws(InputError) {
  if let index = cloud.firstInvalidIndex {
    throw InputError(
      file: file, field: "splat \(index)", found: "a value that is not finite",
      expected: "finite values")
  }
}

private func plyNames(restCount: Int) -> [String] {
  ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"]
    + (0..<restCount * 3).map { "f_rest_\($0)" }
    + ["opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
}

private func storeRow(
  of cloud: SplatCloud, _ index: Int, restCount: Int, in row: UnsafeMutableRawBufferPointer
) {
  var offset = 0
  func put(_ value: Float) {
    unsafe row.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
    offset += MemoryLayout<UInt32>.size
  }
  func put(_ vector: SIMD3<Float>) {
    put(vector.x)
    put(vector.y)
    put(vector.z)
  }
  put(cloud.positions[index])
  put(SIMD3<Float>.zero)
  put(cloud.sh0[index])
  // Coefficient-major to channel-major.
  let start = index * restCount * 3
  for channel in 0..<3 {
    for coefficient in 0..<restCount { put(cloud.shRest[start + coefficient * 3 + channel]) }
  }
  put(cloud.opacityLogits[index])
  put(cloud.logScales[index])
  let rotation = cloud.rotations[index].direction == nil ? .identity : cloud.rotations[index]
  put(rotation.w)
  put(SIMD3(rotation.x, rotation.y, rotation.z))
  precondition(offset == row.count, "a row is filled")
}
