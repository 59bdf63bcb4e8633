// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
package import Geometry

/// Where a camera stands, as a file says it.
///
///     position, look_at, up      the eye, a point on the axis and, if wanted, what is up
///     position, rotation_wxyz    the eye, and a unit quaternion: world from camera
///     world_from_camera          4 x 4 or 3 x 4, rows first; camera: x right, y down, z ahead
///     transform_matrix           nerfstudio's: the same; camera: x right, y up, z backwards
///     qvec, tvec                 COLMAP's: unit quaternion w x y z, move; camera from world
package enum CameraPose: Equatable, Sendable {
  /// The transform itself, world from camera.
  case fixed(RigidTransform)
  /// An eye that looks at a target; `up` is nil where the scene decides.
  case looking(eye: SIMD3<Double>, target: SIMD3<Double>, up: SIMD3<Double>?)

  /// Returns the transform, with what is up where the file does not say it.
  package func worldFromCamera(up sceneUp: SIMD3<Double>) -> RigidTransform {
    switch self {
    case .fixed(let transform): transform
    case .looking(let eye, let target, let up):
      RigidTransform.cameraFromWorld(eye: eye, target: target, up: up ?? sceneUp).inverse
    }
  }

  static let keys: Set<String> = [
    "position", "look_at", "up", "rotation_wxyz", "world_from_camera", "transform_matrix", "qvec",
    "tvec",
  ]
  static let words =
    "position with look_at or rotation_wxyz, world_from_camera, transform_matrix, or qvec with tvec"

  /// Takes a pose from an object that may also hold other things; nil when it holds none.
  init?(optionalIn fields: JSONFields) throws(InputError) {
    let found = Self.keys.filter { fields[$0] != nil }
    switch found {
    case []: return nil
    case ["position", "look_at"], ["position", "look_at", "up"]:
      let (eye, target) = (try Self.vector(fields, "position"), try Self.vector(fields, "look_at"))
      guard eye != target else {
        throw fields.wrong("look_at", fields["look_at"] ?? .null, "another point than position")
      }
      let up = found.contains("up") ? try Self.vector(fields, "up") : nil
      guard up != .zero else {
        throw fields.wrong("up", fields["up"] ?? .null, "a direction")
      }
      self = .looking(eye: eye, target: target, up: up)
    case ["position", "rotation_wxyz"]:
      self = .fixed(
        RigidTransform(
          rotation: try Self.quaternion(fields, "rotation_wxyz"),
          translation: try Self.vector(fields, "position")))
    case ["qvec", "tvec"]:
      let cameraFromWorld = RigidTransform(
        rotation: try Self.quaternion(fields, "qvec"),
        translation: try Self.vector(fields, "tvec"))
      self = .fixed(cameraFromWorld.inverse)
    case ["world_from_camera"]:
      self = .fixed(try Self.matrix(fields, "world_from_camera", axes: SIMD3(1, 1, 1)))
    case ["transform_matrix"]:
      self = .fixed(try Self.matrix(fields, "transform_matrix", axes: SIMD3(1, -1, -1)))
    default:
      throw InputError(
        file: fields.file, field: fields.path.isEmpty ? "pose" : fields.path,
        found: found.sorted().joined(separator: ", "), expected: Self.words)
    }
  }

  /// Farther out nothing is drawn.
  private static let farthest = 1e9
  /// How far from one the length of a rotation's parts may be: files round.
  private static let tolerance = 1e-3

  private static func numbers(
    _ fields: JSONFields, _ key: String, counts: [Int]
  ) throws(InputError) -> [Double] {
    let numbers = try fields.numbers(key)
    guard counts.contains(numbers.count), numbers.allSatisfy({ abs($0) <= farthest }) else {
      throw fields.wrong(
        key, fields[key] ?? .null,
        "\(counts.map { "\($0)" }.joined(separator: " or ")) numbers up to 1e9")
    }
    return numbers
  }

  private static func vector(
    _ fields: JSONFields, _ key: String
  ) throws(InputError) -> SIMD3<Double> {
    let numbers = try numbers(fields, key, counts: [3])
    return SIMD3(numbers[0], numbers[1], numbers[2])
  }

  private static func quaternion(
    _ fields: JSONFields, _ key: String
  ) throws(InputError) -> Quaternion<Double> {
    let parts = try numbers(fields, key, counts: [4])
    let length = parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard abs(length - 1) <= tolerance else {
      throw fields.wrong(
        key, fields[key] ?? .null, "w, x, y, z of length one, not of \(Float(length))")
    }
    return Quaternion(w: parts[0], x: parts[1], y: parts[2], z: parts[3]).normalized
  }

  /// Reads world from camera; `axes` turns the file's camera into x right, y down, z forward.
  private static func matrix(
    _ fields: JSONFields, _ key: String, axes: SIMD3<Double>
  ) throws(InputError) -> RigidTransform {
    let rows = try numbers(fields, key, counts: [12, 16])
    let columns = (0..<4).map { SIMD3(rows[$0], rows[4 + $0], rows[8 + $0]) }
    let matrix = Matrix3(columns: columns[0] * axes.x, columns[1] * axes.y, columns[2] * axes.z)
    let product = matrix.transpose * matrix
    let unit = [product.column0, product.column1, product.column2]
    let isUnit = (0..<3).allSatisfy { column in
      (0..<3).allSatisfy { abs(unit[column][$0] - (column == $0 ? 1 : 0)) <= 2 * tolerance }
    }
    guard isUnit, matrix.determinant > 0, rows.count == 12 || Array(rows[12...]) == [0, 0, 0, 1]
    else {
      throw fields.wrong(
        key, fields[key] ?? .null, "a rotation, a translation and, if any, the row 0, 0, 0, 1")
    }
    return RigidTransform(rotation: Quaternion(matrix: matrix).normalized, translation: columns[3])
  }
}
