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
  let layout = try PLYSplatLayout(header, file: file)
  let body = bytes.count - header.byteCount
  // The last value of a text needs no separator after it.
  let lastSeparator = header.encoding == .ascii ? 1 : 0
  guard layout.count <= SplatFile.largestCount,
    layout.skippedByteCount + layout.count * layout.leastRowByteCount <= body + lastSeparator
  else {
    throw InputError(
      file: file, field: "element vertex", found: "\(layout.count) rows",
      expected: layout.count > SplatFile.largestCount
        ? "at most \(SplatFile.largestCount)"
        : "what fits the \(body) bytes after the header")
  }
  var report = SplatImportReport(container: "\(header.encoding.rawValue) PLY")
  report.antialiased = isAntialiased(header.comments)
  report.skipped = layout.skippedNames
  var sink = SplatRowSink(shDegree: layout.shDegree, report: report)
  if header.encoding == .ascii {
    try readText(bytes[header.byteCount...], layout, into: &sink, file: file)
  } else {
    readBinary(
      bytes, from: header.byteCount + layout.skippedByteCount, layout,
      isSwapped: header.encoding == .bigEndian, into: &sink)
  }
  return sink.finish()
}

/// Where a row's values are, in the order of `SplatRowSink`.
private struct PLYSplatLayout {
  var count = 0
  var shDegree = 0
  var rowByteCount = 0
  /// The least bytes a row can take: its size, or a digit and a separator for each text value.
  var leastRowByteCount = 0
  /// Bytes (or, in text, lines) of the elements before the vertices.
  var skippedByteCount = 0
  var skippedLineCount = 0
  /// The number of values in a row.
  var propertyCount = 0
  /// For each place of a sink row, the property that fills it.
  var columns: [PLYHeader.Property] = []
  /// For each place of a sink row, the index of that property.
  var columnIndices: [Int] = []
  var skippedNames: [String] = []

  init(_ header: PLYHeader, file: String) throws(InputError) {
    guard let vertexIndex = header.elements.firstIndex(where: { $0.name == "vertex" }) else {
      throw InputError(
        file: file, field: "header", found: "no vertices", expected: "element vertex")
    }
    let vertex = header.elements[vertexIndex]
    try skip(header.elements[..<vertexIndex], isText: header.encoding == .ascii, file: file)
    if let list = vertex.properties.first(where: \.isList) {
      throw InputError(
        file: file, field: "property \(list.name)", found: "a list", expected: "a number")
    }
    count = vertex.count
    propertyCount = vertex.properties.count
    rowByteCount = vertex.rowByteCount
    leastRowByteCount = header.encoding == .ascii ? 2 * propertyCount : rowByteCount

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
        throw Self.missing(name, in: vertex, file: file)
      }
      columnIndices.append(index)
      columns.append(vertex.properties[index])
    }
    // Normals are always zero in splats: not worth a line in the report.
    for name in ["nx", "ny", "nz"] { indices[name] = nil }
    skippedNames = indices.sorted { $0.value < $1.value }.map(\.key)
  }

  private mutating func skip(
    _ elements: ArraySlice<PLYHeader.Element>, isText: Bool, file: String
  ) throws(InputError) {
    for element in elements {
      let (size, overflow) = element.count.multipliedReportingOverflow(by: element.rowByteCount)
      guard !element.hasList, !overflow, size < Int.max / 4 else {
        throw InputError(
          file: file, field: "element \(element.name)", found: "it before the vertices",
          expected: "vertices first")
      }
      skippedByteCount = isText ? 0 : min(skippedByteCount + size, Int.max / 4)
      skippedLineCount = min(skippedLineCount + element.count, Int.max / 4)
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

  private static func missing(
    _ name: String, in vertex: PLYHeader.Element, file: String
  ) -> InputError {
    var found = "none"
    if vertex.properties.contains(where: { $0.name == "packed_position" }) {
      found = "a compressed PLY (packed_position)"
    } else if name == "scale_2" {
      found = "none (flat 2DGS surfels?)"
    }
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

/// Reads rows of words; a row may span lines, as Turk's own reader allows.
private func readText(
  _ body: ArraySlice<UInt8>, _ layout: PLYSplatLayout, into sink: inout SplatRowSink, file: String
) throws(InputError) {
  var lines = body[...]
  for _ in 0..<layout.skippedLineCount {
    guard let end = lines.firstIndex(of: UInt8(ascii: "\n")) else { break }
    lines = lines[(end + 1)...]
  }
  var words = TextWords(bytes: lines)
  var values = [Float](repeating: 0, count: layout.propertyCount)
  try unsafe sink.append(count: layout.count) { (index, fixed, rest) throws(InputError) in
    for place in values.indices {
      values[place] = try words.nextNumber(field: "vertex \(index)", file: file)
    }
    for (place, column) in layout.columnIndices.enumerated() {
      if place < SplatRowSink.fixedWidth {
        unsafe fixed[place] = values[column]
      } else {
        unsafe rest[place - SplatRowSink.fixedWidth] = values[column]
      }
    }
  }
}

/// The words of a text, split at blanks and line ends.
private struct TextWords {
  var bytes: ArraySlice<UInt8>

  mutating func nextNumber(field: String, file: String) throws(InputError) -> Float {
    let word = next()
    guard let number = Double(word) else {
      throw InputError(
        file: file, field: field,
        found: word.isEmpty ? "the end of the file" : "\"\(word.prefix(40))\"",
        expected: "a number")
    }
    return Float(number)
  }

  /// Returns the next word, or an empty one at the end.
  private mutating func next() -> String {
    let start = bytes.firstIndex(where: { $0 > UInt8(ascii: " ") }) ?? bytes.endIndex
    let rest = bytes[start...]
    let end = rest.firstIndex(where: { $0 <= UInt8(ascii: " ") }) ?? rest.endIndex
    bytes = bytes[end...]
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
