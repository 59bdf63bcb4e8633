// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// The flat form in which a file's objects leave the process that parsed it; see `cosmium.h`.
package enum OSMStream {
  fileprivate static let magic = Array("DOSM".utf8)
  /// The largest longitude and latitude, 1e-7 degrees.
  fileprivate static let limit = SIMD2<Int32>(1_800_000_000, 900_000_000)
}

extension OSMMap {
  /// Decodes a stream, which may come from a process that a hostile file has taken over.
  ///
  /// - Parameters:
  ///   - bytes: the stream.
  ///   - file: the name of the map, used in errors.
  /// - Throws: `InputError` for a stream that contradicts itself.
  package init(stream bytes: [UInt8], file: String) throws(InputError) {
    var reader = StreamReader(ByteReader(file: file, bytes: bytes))
    guard try reader.bytes.take(4, field: "worker.magic") == OSMStream.magic else {
      throw InputError(
        file: file, field: "worker.magic", found: "other bytes", expected: "a stream of a map")
    }
    var counts = Counts()
    counts.nodes = try reader.count64("nodes")
    counts.ways = try reader.count64("ways")
    counts.relations = try reader.count64("relations")
    counts.nodesOutsideOfEarth = try reader.count64("outside")
    counts.missingNodes = try reader.count64("missing")
    counts.incompleteRelations = try reader.count64("incomplete")
    counts.brokenAreas = try reader.count64("empty")
    counts.outerRings = try reader.count64("outer")
    counts.innerRings = try reader.count64("inner")
    // A text has at least two bytes, an object fifteen.
    var texts: [String] = []
    let textCount = try reader.count(leastSize: 2, "texts")
    texts.reserveCapacity(textCount)
    for _ in 0..<textCount { texts.append(try reader.text()) }
    var objects: [OSMObject] = []
    let objectCount = try reader.count(leastSize: 15, "objects")
    objects.reserveCapacity(objectCount)
    for _ in 0..<objectCount { objects.append(try reader.object(texts)) }
    guard reader.bytes.remaining == 0 else {
      throw InputError(
        file: file, field: "worker.objects", found: "\(reader.bytes.remaining) bytes more",
        expected: "the end")
    }
    self.init(counts: counts, objects: objects)
  }
}

private struct StreamReader {
  var bytes: ByteReader

  init(_ bytes: ByteReader) { self.bytes = bytes }

  mutating func count64(_ name: String) throws(InputError) -> Int {
    let value: UInt64 = try bytes.littleEndian(field: "worker.\(name)")
    guard value < 1 << 48 else { throw wrong(name, "\(value)", "a count") }
    return Int(value)
  }

  /// A count of things, each of which has at least `leastSize` bytes still to come.
  mutating func count(leastSize: Int, _ name: String) throws(InputError) -> Int {
    let count = Int(try bytes.littleEndian(UInt32.self, field: "worker.\(name)"))
    try bytes.require(count * leastSize, for: "worker.\(name)")
    return count
  }

  mutating func text() throws(InputError) -> String {
    let length = Int(try bytes.littleEndian(UInt16.self, field: "worker.text"))
    return String(decoding: try bytes.take(length, field: "worker.text"), as: UTF8.self)
  }

  mutating func object(_ texts: [String]) throws(InputError) -> OSMObject {
    let code: UInt8 = try bytes.littleEndian(field: "worker.kind")
    guard let kind = OSMObject.Kind(rawValue: code) else {
      throw wrong("kind", "\(code)", "0 to 3")
    }
    let id: Int64 = try bytes.littleEndian(field: "worker.id")
    let tagCount = Int(try bytes.littleEndian(UInt16.self, field: "worker.tags"))
    try bytes.require(tagCount * 8, for: "worker.tags")
    var pairs: [(key: String, value: String)] = []
    pairs.reserveCapacity(tagCount)
    for _ in 0..<tagCount {
      let key = Int(try bytes.littleEndian(UInt32.self, field: "worker.tags"))
      let value = Int(try bytes.littleEndian(UInt32.self, field: "worker.tags"))
      guard key < texts.count, value < texts.count else {
        throw wrong("tags", "\(max(key, value))", "less than \(texts.count) texts")
      }
      pairs.append((texts[key], texts[value]))
    }
    var rings: [OSMObject.Ring] = []
    let ringCount = try count(leastSize: 5, "rings")
    rings.reserveCapacity(ringCount)
    for index in 0..<ringCount { rings.append(try ring(isFirst: index == 0)) }
    guard !rings.isEmpty else { throw wrong("rings", "0", "at least 1") }
    return OSMObject(kind: kind, id: id, tags: OSMTags(pairs), rings: rings)
  }

  private mutating func ring(isFirst: Bool) throws(InputError) -> OSMObject.Ring {
    let role: UInt8 = try bytes.littleEndian(field: "worker.role")
    guard role == 0 || (role == 1 && !isFirst) else {
      throw wrong("role", "\(role)", "0, or 1 for a hole")
    }
    let pointCount = try count(leastSize: 8, "points")
    guard pointCount > 0 else { throw wrong("points", "0", "at least 1") }
    var points: [SIMD2<Int32>] = []
    points.reserveCapacity(pointCount)
    for _ in 0..<pointCount {
      let longitude: Int32 = try bytes.littleEndian(field: "worker.points")
      let latitude: Int32 = try bytes.littleEndian(field: "worker.points")
      let point = SIMD2(longitude, latitude)
      guard all(point .<= OSMStream.limit), all(point .>= 0 &- OSMStream.limit) else {
        throw wrong("points", "\(longitude), \(latitude)", "a place on the earth")
      }
      points.append(point)
    }
    return OSMObject.Ring(isHole: role == 1, points: points)
  }

  private func wrong(_ name: String, _ found: String, _ expected: String) -> InputError {
    InputError(file: bytes.file, field: "worker.\(name)", found: found, expected: expected)
  }
}
