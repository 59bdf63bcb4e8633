// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Splats

/// A piece of a survey: what its file says of all points, and some of them.
package struct SurveySlice: Equatable, Sendable {
  /// The head of the file.
  package var header: LASHeader
  /// The points, but for those that are withheld.
  package var records: [SurveyRecord]

  /// Returns where a point lies in the file's coordinate system, in its units.
  package func place(_ record: SurveyRecord) -> SIMD3<Double> {
    header.offset + header.scale * SIMD3<Double>(record.steps)
  }
}

/// Reads LAS 1.0 to 1.4, LAZ and COPC files in a process of their own, slice by slice.
///
/// LASzip reads past its memory on hostile files, so it runs in a worker; `ForeignFileReader` says
/// what that may do. A slice of points is read at a time: memory holds no whole survey.
package struct SurveyImporter: Sendable {
  private let reader: ForeignFileReader

  /// The points of a slice.
  package static let sliceSize = 4_000_000

  /// Makes an importer.
  ///
  /// - Parameter workerExecutable: the path of an executable that hands `survey-worker PATH FIRST
  ///   COUNT` to `SurveyWorker.main`.
  package init(workerExecutable: String) {
    reader = ForeignFileReader(
      workerExecutable: workerExecutable, limits: ProcessLimits(wallTime: .seconds(120)),
      noun: "survey")
  }

  /// Reads points.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - first: the first point, counted from 0.
  ///   - count: how many at most, up to `sliceSize`.
  /// - Returns: the points from the first on, fewer where the file ends, and what its head says.
  /// - Throws: `InputError` for a file that is missing, no survey, or rubbish.
  package func read(
    _ path: String, first: Int = 0, count: Int = sliceSize
  ) throws(InputError) -> SurveySlice {
    precondition((0...Self.sliceSize).contains(count) && first >= 0, "a slice is that large")
    guard kind(ofPath: path) == .file else {
      throw InputError(file: path, field: "file", found: "no file", expected: "a survey")
    }
    let output = try reader.read(
      [SurveyWorker.command, path, "\(first)", "\(count)"], file: path)
    return try SurveyStream.decode(output, file: path)
  }
}

/// The other end of `SurveyImporter`: the process in which surveys are parsed.
package enum SurveyWorker {
  /// The subcommand under which the executable starts itself as a worker.
  package static let command = "survey-worker"

  /// Reads the points that the arguments name, path, first and count, and prints them; returns the
  /// exit code.
  package static func main(_ arguments: [String]) -> Int32 {
    guard arguments.count == 3, let first = Int(arguments[1]), let count = Int(arguments[2]),
      first >= 0, (0...SurveyImporter.sliceSize).contains(count)
    else {
      return ForeignFileWorker.refuse(
        InputError(
          file: "", field: "arguments", found: "others", expected: "a path, a first point, a count")
      )
    }
    let path = arguments[0]
    return ForeignFileWorker.main(noun: "survey", file: path) { () throws(InputError) in
      SurveyStream.encode(try slice(path, first: first, count: count))
    }
  }

  /// Reads a slice in this process.
  static func slice(_ path: String, first: Int, count: Int) throws(InputError) -> SurveySlice {
    let size = try fileSize(path)
    let header = try LASHeader(try head(of: path), fileSize: size, file: path)
    let end = min(header.pointCount, first + count)
    guard first < end else { return SurveySlice(header: header, records: []) }
    return SurveySlice(
      header: header, records: try readPointsInProcess(path, first: first, count: end - first))
  }

  /// The bytes of a file that may stand before its points.
  private static func head(of path: String) throws(InputError) -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path),
      let bytes = try? file.read(upToCount: 1 << 24)
    else {
      throw InputError(
        file: path, field: "file", found: "nothing that can be read", expected: "a survey")
    }
    return [UInt8](bytes)
  }
}

extension SemanticClass {
  /// The class for a number of the ASPRS's, LAS 1.4 table 9; nil for noise.
  ///
  /// 26 is what the Dutch surveys use for bridges and the like; what is not listed is unlabelled.
  package init?(surveyCode code: UInt8) {
    switch code {
    case 7, 18: return nil
    case 2: self = .ground
    case 3: self = .grass
    case 4: self = .shrub
    case 5: self = .leaves
    case 6: self = .roof
    case 9: self = .water
    case 10: self = .railway
    case 11: self = .road
    case 13, 14, 15, 16: self = .powerLine
    case 17, 26: self = .bridge
    default: self = .unlabelled
    }
  }
}
