// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import Randomness

/// A capture of a round table, brought upright and to metres, and how well that went.
///
/// World frame: origin at the centre of the table top, z up across the top, x towards the first
/// camera. The scale is set so that the top is as high above the ground as the user says: a capture
/// from photographs has no unit of its own, so one length must be declared.
package struct TableAlignment: Equatable, Sendable {
  /// The transform from the capture's frame to the world.
  package let worldFromCapture: Similarity
  /// The height of the top above the ground below its centre, metres; as declared.
  package let tableHeight: Double
  /// The radius of the top, metres.
  package let tableRadius: Double
  /// The root mean square distance of the ground's points from its plane, metres.
  package let groundResidual: Double
  /// The root mean square distance of the top's points from its plane, metres.
  package let tableResidual: Double
  /// The root mean square distance of the rim's points from its circle, metres.
  package let rimResidual: Double
  /// The angle between the ground and the table top, radians.
  package let tilt: Double
}

/// What was found of the table, in the capture's frame and unit.
private struct FoundTable {
  var plane: Plane
  var inliers: [SIMD3<Double>]
  var centre: SIMD3<Double>
  var radius: Double
  var rimResidual: Double
}

/// Finds the ground and the round table that the cameras look at, and aligns the capture to them.
///
/// 1. The cameras' optical axes nearly meet at the table; that point is the focus.
/// 2. The ground is the dominant plane around the focus, with its normal to the cameras' side.
/// 3. The table top is the height with the most points near the focus, between ground and cameras,
///    refined to the dominant plane of that layer.
/// 4. The rim is where the layer's points end in each of 72 directions; a circle is fitted to it.
///
/// - Parameters:
///   - capture: The points and at least two cameras.
///   - tableHeightMetres: The real height of the top above the ground.
///   - name: The capture's name for errors.
///   - seed: The seed of the random choices.
/// - Returns: The alignment; the same for the same input in every run.
/// - Throws: `InputError` when there is no such ground or table.
package func alignTable(
  in capture: CapturedPoints, tableHeightMetres: Double, name: String, seed: UInt64 = 1
) throws(InputError) -> TableAlignment {
  func failure(_ field: String, _ found: String, _ expected: String) -> InputError {
    InputError(file: name, field: field, found: found, expected: expected)
  }
  guard tableHeightMetres > 0, tableHeightMetres.isFinite else {
    throw failure("table height", "\(tableHeightMetres) m", "a positive length")
  }
  guard capture.cameras.count >= 2, let focus = focus(of: capture.cameras) else {
    throw failure("cameras", "\(capture.cameras.count)", "two or more that look at the table")
  }
  let distance =
    capture.cameras.reduce(0) { $0 + length($1.centre - focus) } / Double(capture.cameras.count)
  var stream = RandomStream(seed: seed, purpose: "table alignment")
  let around = capture.positions.map { SIMD3<Double>($0) }
    .filter { length($0 - focus) < 2 * distance }
  // The ground is rough: grass stands a hundredth of the cameras' distance high.
  guard var ground = Plane.dominant(in: around, tolerance: 0.01 * distance, stream: &stream) else {
    throw failure("ground", "\(around.count) points near the cameras' focus", "a plane")
  }
  if ground.plane.height(of: capture.cameras[0].centre) < 0 {
    ground.plane = ground.plane.reversed
  }
  guard
    let table = findTable(
      in: around, above: ground.plane, focus: focus, distance: distance, stream: &stream)
  else { throw failure("table", "no level disc above the ground", "a round table top") }
  let height = ground.plane.height(of: table.centre) / dot(ground.plane.normal, table.plane.normal)
  let scale = tableHeightMetres / height
  let up = table.plane.normal
  let toCamera = capture.cameras[0].centre - table.centre
  let forward = normalize(toCamera - up * dot(up, toCamera))
  let captureFromWorld = Matrix3(columns: forward, cross(up, forward), up)
  let rotation = Quaternion(matrix: captureFromWorld.transpose)
  return TableAlignment(
    worldFromCapture: Similarity(
      rotation: rotation, translation: -rotation.rotate(table.centre) * scale, scale: scale),
    tableHeight: tableHeightMetres, tableRadius: table.radius * scale,
    groundResidual: ground.plane.residual(ground.inliers) * scale,
    tableResidual: table.plane.residual(table.inliers) * scale,
    rimResidual: table.rimResidual * scale,
    tilt: angle(between: ground.plane.normal, and: up))
}

/// The point with the least sum of squared distances to the optical axes; nil when all are
/// parallel.
private func focus(of cameras: [CapturedCamera]) -> SIMD3<Double>? {
  // (I - f f^T) (x - c) = 0 for every camera with centre c and direction f.
  var rows: [[Double]] = []
  var rightSide: [Double] = []
  for camera in cameras {
    let (f, c) = (camera.forward, camera.centre)
    for axis in 0..<3 {
      var row = -f * f[axis]
      row[axis] += 1
      rows.append([row.x, row.y, row.z])
      rightSide.append(dot(row, c))
    }
  }
  guard let solution = leastSquares(rows: rows, rightSide: rightSide) else { return nil }
  let point = SIMD3(solution[0], solution[1], solution[2])
  return cameras.allSatisfy { dot(point - $0.centre, $0.forward) > 0 } ? point : nil
}

private func findTable(
  in points: [SIMD3<Double>], above ground: Plane, focus: SIMD3<Double>, distance: Double,
  stream: inout RandomStream
) -> FoundTable? {
  // The layer: the fullest of 200 between a tenth and all of the cameras' distance.
  let near = points.filter {
    let d = $0 - focus
    return length(d - ground.normal * dot(ground.normal, d)) < 0.5 * distance
  }
  let thickness = distance / 200
  var counts = [Int](repeating: 0, count: 200)
  for point in near {
    let layer = Int((ground.height(of: point) / thickness).rounded(.down))
    if (20..<200).contains(layer) { counts[layer] += 1 }
  }
  guard let layer = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[layer] >= 100
  else { return nil }
  let middle = (Double(layer) + 0.5) * thickness
  let slab = near.filter { abs(ground.height(of: $0) - middle) < 2 * thickness }
  guard var top = Plane.dominant(in: slab, tolerance: thickness, stream: &stream) else {
    return nil
  }
  if dot(top.plane.normal, ground.normal) < 0 { top.plane = top.plane.reversed }
  // A table tilted by more than ten degrees is none.
  guard dot(top.plane.normal, ground.normal) > 10.0.radiansFromDegrees.cosine else { return nil }
  guard let rim = fitRim(of: top.inliers, plane: top.plane, distance: distance) else {
    return nil
  }
  return FoundTable(
    plane: top.plane, inliers: top.inliers, centre: rim.centre, radius: rim.radius,
    rimResidual: rim.residual)
}

/// A circle in the plane through the outermost points, seen from the middle.
private func fitRim(
  of points: [SIMD3<Double>], plane: Plane, distance: Double
) -> (centre: SIMD3<Double>, radius: Double, residual: Double)? {
  let sectorCount = 72
  let along = normalize(
    cross(plane.normal, abs(plane.normal.x) < 0.7 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)))
  let across = cross(plane.normal, along)
  let flat = points.map { SIMD2(dot($0, along), dot($0, across)) }
  // The median is inside the disc even when one side has more points.
  var centre = SIMD2(median(flat.map(\.x)), median(flat.map(\.y)))
  var (radius, residual) = (0.0, 0.0)
  for _ in 0..<6 {
    let edges = outermost(flat, centre: centre, sectorCount: sectorCount, gap: 0.05 * distance)
    guard edges.count >= sectorCount / 2 else { return nil }
    // Sectors whose edge is far from the usual radius hold an occlusion or a neighbour.
    let usual = median(edges.map { ($0 - centre).norm })
    let kept = edges.filter { abs(($0 - centre).norm - usual) < 0.1 * usual }
    // x^2 + y^2 = 2 a x + 2 b y + c is linear in the centre (a, b) (Kasa 1976).
    guard
      let solution = leastSquares(
        rows: kept.map { [2 * $0.x, 2 * $0.y, 1] }, rightSide: kept.map { ($0 * $0).sum() })
    else { return nil }
    centre = SIMD2(solution[0], solution[1])
    let square = solution[2] + (centre * centre).sum()
    guard square > 0 else { return nil }
    radius = square.squareRoot()
    let errors = kept.map { ($0 - centre).norm - radius }
    residual = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
  }
  let inPlane = along * centre.x + across * centre.y
  return (inPlane + plane.normal * plane.offset, radius, residual)
}

/// The last point before the first gap outward from the centre, in each sector that has one.
private func outermost(
  _ points: [SIMD2<Double>], centre: SIMD2<Double>, sectorCount: Int, gap: Double
) -> [SIMD2<Double>] {
  var sectors = [[SIMD2<Double>]](repeating: [], count: sectorCount)
  for point in points {
    let d = point - centre
    let turn = (d.y.arcTangent(over: d.x) / (2 * .pi) + 1) * Double(sectorCount)
    sectors[Int(turn) % sectorCount].append(point)
  }
  return sectors.compactMap { sector in
    let outward = sector.sorted { ($0 - centre).norm < ($1 - centre).norm }
    guard var last = outward.first else { return nil }
    for point in outward.dropFirst() {
      // What stands in the middle of the table may hide it; gaps count from four widths outward.
      let radius = (point - centre).norm
      if radius - (last - centre).norm > gap, (last - centre).norm > 4 * gap { break }
      last = point
    }
    return last
  }
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

private func angle(between a: SIMD3<Double>, and b: SIMD3<Double>) -> Double {
  length(cross(a, b)).arcTangent(over: dot(a, b))
}

extension SIMD2<Double> {
  fileprivate var norm: Double { (self * self).sum().squareRoot() }
}
