// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Sketch of the limit: a degree-3 row is 248 bytes in and 252 out, so one core that moves 5 GB/s
// reads 10 M splats/s. Rows are gathered through a table of offsets, one load a value, which also
// turns the channel-major rest into RGB-inner order.

import Files
import Splats

/// Parses a PLY whose vertices are Gaussians, as INRIA's trainer writes them.
///
/// Properties are found by name, so their order, further ones and their types do not matter.
/// Stored are log scales, opacity logits and rotations w, x, y, z of any length, and
/// `f_rest_(c * K + k)` for channel c and coefficient k (`splats.md` section 2.1).
func parsePLY(
  _ bytes: [UInt8], file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let header = try PLYHeader(bytes, file: file)
  if header.elements.contains(where: { $0.properties.contains { $0.name == "packed_position" } }) {
    return try parseCompressedPLY(bytes, header, file: file)
  }
  let layout = try PLYSplatLayout(header, file: file)
  var report = SplatImportReport(container: "\(header.encoding.rawValue) PLY")
  report.antialiased = isAntialiased(header.comments)
  report.skipped = layout.skippedNames
  var sink = SplatRowSink(shDegree: layout.shDegree, report: report)
  if header.encoding == .ascii {
    try readText(bytes, header, layout, into: &sink, file: file)
  } else {
    let offsets = try header.rowOffsets(in: bytes, file: file)
    readBinary(
      bytes, from: offsets[layout.elementIndex], layout,
      isSwapped: header.encoding == .bigEndian, into: &sink)
  }
  return sink.finish()
}

/// Where a row's values are, in the order of `SplatRowSink`.
private struct PLYSplatLayout {
  /// The index of the vertices among the elements.
  let elementIndex: Int
  let count: Int
  let shDegree: Int
  let rowByteCount: Int
  /// For each place of a sink row, the property that fills it.
  private(set) var columns: [PLYHeader.Property] = []
  /// For each place of a sink row, the index of that property.
  private(set) var columnIndices: [Int] = []
  /// The properties and elements that nothing is read from, in file order.
  let skippedNames: [String]

  init(_ header: PLYHeader, file: String) throws(InputError) {
    guard let elementIndex = header.elements.firstIndex(where: { $0.name == "vertex" }) else {
      throw InputError(
        file: file, field: "header", found: "no vertices", expected: "element vertex")
    }
    self.elementIndex = elementIndex
    let vertex = header.elements[elementIndex]
    if let list = vertex.properties.first(where: \.isList) {
      throw InputError(
        file: file, field: "property \(list.name)", found: "a list", expected: "a number")
    }
    guard vertex.count <= SplatFile.largestCount else {
      throw InputError(
        file: file, field: "element vertex", found: "\(vertex.count) rows",
        expected: "at most \(SplatFile.largestCount)")
    }
    count = vertex.count
    rowByteCount = vertex.rowByteCount

    var indices: [String: Int] = [:]
    for (index, property) in vertex.properties.enumerated() {
      guard indices.updateValue(index, forKey: property.name) == nil else {
        throw InputError(
          file: file, field: "property \(property.name)", found: "it twice", expected: "it once")
      }
    }
    shDegree = try Self.degree(of: vertex, file: file)
    for name in Self.names(shDegree: shDegree) {
      guard let index = indices.removeValue(forKey: name) else {
        throw Self.missing(name, file: file)
      }
      columnIndices.append(index)
      columns.append(vertex.properties[index])
    }
    // Normals are always zero in splats: not worth a line in the report.
    for name in ["nx", "ny", "nz"] { indices[name] = nil }
    let unread = indices.sorted { $0.value < $1.value }.map(\.key)
    skippedNames = header.elements.flatMap { element in
      element.name == "vertex" ? unread : ["element \(element.name)"]
    }
  }

  private static func names(shDegree: Int) -> [String] {
    let restCount = (shDegree + 1) * (shDegree + 1) - 1
    var names = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity"]
    names += ["scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    for coefficient in 0..<restCount {
      for channel in 0..<3 { names.append("f_rest_\(channel * restCount + coefficient)") }
    }
    return names
  }

  private static func degree(
    of vertex: PLYHeader.Element, file: String
  ) throws(InputError) -> Int {
    let restCount = vertex.properties.count { $0.name.hasPrefix("f_rest_") }
    guard let degree = [0, 9, 24, 45, 72].firstIndex(of: restCount) else {
      throw InputError(
        file: file, field: "properties f_rest_*", found: "\(restCount) of them",
        expected: "0, 9, 24, 45 or 72")
    }
    return degree
  }

  private static func missing(_ name: String, file: String) -> InputError {
    let found = name == "scale_2" ? "none (flat 2DGS surfels?)" : "none"
    return InputError(
      file: file, field: "property \(name)", found: found, expected: "a PLY of Gaussians")
  }
}

/// Whether the last comment that names the renderer names an antialiased one (Brush, Postshot).
private func isAntialiased(_ comments: [String]) -> Bool {
  var isAntialiased = false
  for comment in comments {
    let words = comment.split(separator: " ")
    guard words.count >= 2 else { continue }
    if words[0] == "SplatRenderMode:" { isAntialiased = words[1] == "mip" }
    if words[0] == "antialiased" { isAntialiased = words[1] == "1" }
  }
  return isAntialiased
}

/// Reads fixed-size rows; the caller has checked that they are all there.
private func readBinary(
  _ bytes: [UInt8], from start: Int, _ layout: PLYSplatLayout, isSwapped: Bool,
  into sink: inout SplatRowSink
) {
  precondition(start + layout.count * layout.rowByteCount <= bytes.count, "rows fit the file")
  let offsets = layout.columns.map(\.offset)
  let areFloats = !isSwapped && layout.columns.allSatisfy { $0.scalar == .float32 }
  let fixedWidth = SplatRowSink.fixedWidth
  let restWidth = offsets.count - fixedWidth
  unsafe bytes.withUnsafeBytes { file in
    unsafe offsets.withUnsafeBufferPointer { offsets in
      let rows = unsafe file.baseAddress.unsafelyUnwrapped + start
      guard areFloats else {
        unsafe sink.append(count: layout.count) { index, fixed, rest in
          let record = unsafe rows + index * layout.rowByteCount
          for (place, property) in layout.columns.enumerated() {
            let value = unsafe load(record, property, isSwapped: isSwapped)
            if place < fixedWidth {
              unsafe fixed[place] = value
            } else {
              unsafe rest[place - fixedWidth] = value
            }
          }
        }
        return
      }
      // Fast path: what every trainer writes.
      unsafe sink.append(count: layout.count) { index, fixed, rest in
        let record = unsafe rows + index * layout.rowByteCount
        for place in 0..<fixedWidth {
          unsafe fixed[place] = record.loadUnaligned(fromByteOffset: offsets[place], as: Float.self)
        }
        for place in 0..<restWidth {
          unsafe rest[place] = record.loadUnaligned(
            fromByteOffset: offsets[fixedWidth + place], as: Float.self)
        }
      }
    }
  }
}

/// Reads one number of any type.
private func load(
  _ record: UnsafeRawPointer, _ property: PLYHeader.Property, isSwapped: Bool
) -> Float {
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value {
    let value = unsafe record.loadUnaligned(fromByteOffset: property.offset, as: type)
    return isSwapped ? value.bigEndian : value.littleEndian
  }
  return switch property.scalar {
  case .int8: Float(integer(Int8.self))
  case .uint8: Float(integer(UInt8.self))
  case .int16: Float(integer(Int16.self))
  case .uint16: Float(integer(UInt16.self))
  case .int32: Float(integer(Int32.self))
  case .uint32: Float(integer(UInt32.self))
  case .float32: Float(bitPattern: integer(UInt32.self))
  case .float64: Float(Double(bitPattern: integer(UInt64.self)))
  }
}

/// Reads the rows of a text, and passes over those of other elements.
private func readText(
  _ bytes: [UInt8], _ header: PLYHeader, _ layout: PLYSplatLayout, into sink: inout SplatRowSink,
  file: String
) throws(InputError) {
  let vertex = header.elements[layout.elementIndex]
  // A value takes a digit and a separator, but for the last: checked before memory is taken.
  guard layout.count * vertex.properties.count * 2 <= bytes.count - header.byteCount + 1 else {
    throw InputError(
      file: file, field: "element vertex", found: "\(layout.count) rows",
      expected: "what fits the \(bytes.count - header.byteCount) bytes after the header")
  }
  var body = PLYTextBody(bytes, after: header, file: file)
  for element in header.elements[..<layout.elementIndex] { try body.skipRows(of: element) }
  var values = [Float](repeating: 0, count: vertex.properties.count)
  try unsafe sink.append(count: layout.count) { (_, fixed, rest) throws(InputError) in
    try body.readRow(of: vertex, into: &values)
    for (place, column) in layout.columnIndices.enumerated() {
      if place < SplatRowSink.fixedWidth {
        unsafe fixed[place] = values[column]
      } else {
        unsafe rest[place - SplatRowSink.fixedWidth] = values[column]
      }
    }
  }
  for element in header.elements[(layout.elementIndex + 1)...] { try body.skipRows(of: element) }
  try body.finish()
}
