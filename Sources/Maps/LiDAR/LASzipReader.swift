// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CLASzip
import Files

/// A point of a survey as its file stores it.
package struct SurveyRecord: Equatable, Sendable {
  /// The coordinates in steps of the file's scale.
  package var steps: SIMD3<Int32>
  /// The class as the ASPRS numbers it.
  package var code: UInt8
  /// Whether it was the last that came back of its pulse: what is under leaves, not they.
  package var isLastReturn: Bool
  /// The strength of the echo, in the sensor's own unit.
  package var intensity: UInt16
  /// Red, green and blue as stored; zero where the file has no colours.
  package var colour: SIMD3<UInt16>
}

/// Reads points with LASzip in this process, where a crash must do no harm.
///
/// - Parameters:
///   - path: a LAS or LAZ file whose head was found right.
///   - first: the first point, counted from 0.
///   - count: how many, as many as the file has from there on or fewer.
/// - Returns: the points but for those that are withheld.
/// - Throws: `InputError` where LASzip fails.
func readPointsInProcess(
  _ path: String, first: Int, count: Int
) throws(InputError) -> [SurveyRecord] {
  var handle: laszip_POINTER?
  guard unsafe laszip_create(&handle) == 0, let reader = unsafe handle else {
    throw InputError(file: path, field: "LASzip", found: "no reader", expected: "memory for one")
  }
  defer { unsafe laszip_destroy(reader) }
  func check(_ result: laszip_I32, _ action: String) throws(InputError) {
    guard result != 0 else { return }
    var text: UnsafeMutablePointer<laszip_CHAR>?
    unsafe laszip_get_error(reader, &text)
    let reason = unsafe text.map { unsafe String(cString: $0) } ?? "error \(result)"
    throw InputError(file: path, field: action, found: reason, expected: "a LAS or LAZ file")
  }
  unsafe laszip_set_las_message_log_level(reader, LAS_QUIET)
  var isCompressed: laszip_BOOL = 0
  try check(unsafe laszip_open_reader(reader, path, &isCompressed), "opening")
  defer { unsafe laszip_close_reader(reader) }
  var current: UnsafeMutablePointer<laszip_point_struct>?
  try check(unsafe laszip_get_point_pointer(reader, &current), "opening")
  guard let current = unsafe current else {
    throw InputError(file: path, field: "opening", found: "no point", expected: "one")
  }
  if first > 0 { try check(unsafe laszip_seek_point(reader, laszip_I64(first)), "point \(first)") }
  var records: [SurveyRecord] = []
  records.reserveCapacity(count)
  for index in first..<first + count {
    let result = unsafe laszip_read_point(reader)
    if result != 0 { try check(result, "point \(index)") }
    let point = unsafe current.pointee
    let isExtended = unsafe point.extended_point_type != 0
    let isWithheld =
      unsafe isExtended
      ? point.extended_classification_flags & 4 != 0 : point.withheld_flag != 0
    if isWithheld { continue }
    unsafe records.append(
      SurveyRecord(
        steps: SIMD3(point.X, point.Y, point.Z),
        code: isExtended ? point.extended_classification : point.classification,
        isLastReturn: isExtended
          ? point.extended_return_number >= point.extended_number_of_returns
          : point.return_number >= point.number_of_returns,
        intensity: point.intensity, colour: SIMD3(point.rgb.0, point.rgb.1, point.rgb.2)))
  }
  return records
}
