// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

/// Forty milliseconds between poses, from an odd start.
private let interval: Int64 = 40_000_000
private let start: Int64 = 1_234_567_891

private func spline(_ poses: [RigidTransform]) -> PoseSpline {
  PoseSpline(startNanoseconds: start, intervalNanoseconds: interval, worldFromBody: poses)
}

/// A flight with turns about changing axes.
private let flight = spline(
  (0..<9).map { index in
    let t = Double(index)
    return RigidTransform(
      rotation: Quaternion(angle: 0.4 * t, axis: SIMD3(1, 0.3 * t, (2 * t).sine)),
      translation: SIMD3(t.sine, 0.2 * t * t, -t))
  })

/// How far apart two rotations are, radians.
private func angle(_ a: Quaternion<Double>, _ b: Quaternion<Double>) -> Double {
  length((a.conjugate * b).rotationVector)
}

@Suite struct `Rotation vector` {
  @Test func `is the axis times the angle`() {
    let vector = SIMD3<Double>(0.3, -0.4, 1.2)
    let rotation = Quaternion(rotationVector: vector)
    #expect(length(rotation.rotationVector - vector) < 1e-15)
    #expect(length(rotation.rotate(vector) - vector) < 1e-15)
    let negative = Quaternion(w: -rotation.w, x: -rotation.x, y: -rotation.y, z: -rotation.z)
    #expect(length(negative.rotationVector - vector) < 1e-15)
  }

  @Test func `keeps tiny turns and takes the shorter way`() {
    for size in [0.0, 1e-300, 1e-12, 3e-8, 1e-6] {
      let vector = SIMD3(size, -2 * size, size)
      let back = Quaternion(rotationVector: vector).rotationVector
      #expect(length(back - vector) <= 1e-15 * length(vector))
    }
    // 4 radians about x are 2.28 the other way.
    let back = Quaternion(rotationVector: SIMD3(4.0, 0, 0)).rotationVector
    #expect(length(back - SIMD3(4 - 2 * .pi, 0, 0)) < 1e-15)
  }
}

@Suite struct `Pose spline` {
  /// A body that moves at (1, 2, -0.5) m/s and turns at 0.9 rad/s about its own (0, 0.6, 0.8).
  private let even = spline(
    (0..<6).map { index in
      let t = Double(index) * 0.04
      return RigidTransform(
        rotation: Quaternion(angle: 0.7, axis: SIMD3(1, 1, 0))
          * Quaternion(rotationVector: 0.9 * t * SIMD3(0, 0.6, 0.8)),
        translation: SIMD3(5, 0, 0) + t * SIMD3(1, 2, -0.5))
    })

  @Test func `passes through an even motion, and goes on with it beyond the ends`() {
    for step in -20...40 {
      let elapsed = Int64(step) * 7_000_001
      let t = Double(elapsed) * 1e-9
      let moment = even.moment(at: start + elapsed)
      let expected = SIMD3<Double>(5, 0, 0) + t * SIMD3(1, 2, -0.5)
      let turned =
        Quaternion(angle: 0.7, axis: SIMD3(1, 1, 0))
        * Quaternion(rotationVector: 0.9 * t * SIMD3(0, 0.6, 0.8))
      // A dozen roundings of numbers below 10; velocities divide them by 0.04 s.
      #expect(length(moment.worldFromBody.translation - expected) < 1e-14)
      #expect(angle(moment.worldFromBody.rotation, turned) < 1e-14)
      #expect(length(moment.velocityInWorld - SIMD3(1, 2, -0.5)) < 1e-12)
      #expect(length(moment.angularVelocityInBody - SIMD3(0, 0.54, 0.72)) < 1e-12)
    }
  }

  @Test func `starts and ends at its first and last pose`() {
    for (time, pose) in [(Int64(0), 0), (8 * interval, 8)] {
      let found = flight.pose(at: start + time)
      #expect(length(found.translation - flight.worldFromBody[pose].translation) < 1e-14)
      #expect(angle(found.rotation, flight.worldFromBody[pose].rotation) < 1e-14)
    }
  }

  @Test func `cuts a corner by a sixth of its bend`() {
    // At a pose a cubic B-spline is (1, 4, 1) / 6 of its neighbours: 0, 1, 0 gives 2/3.
    let peak = spline(
      [0, 0, 1, 0, 0].map { RigidTransform(translation: SIMD3($0, 0, 0)) })
    #expect(abs(peak.pose(at: start + 2 * interval).translation.x - 2.0 / 3) < 1e-15)
    // Half a step later (1, 23, 23, 1) / 48.
    let later = peak.pose(at: start + 2 * interval + interval / 2)
    #expect(abs(later.translation.x - 23.0 / 48) < 1e-15)
  }

  @Test func `has the velocities that its poses show`() {
    let step: Int64 = 10_000  // 10 microseconds: errors of step^2 and of rounding / step
    for time in stride(from: start - interval, through: start + 9 * interval, by: 3_333_333) {
      let (before, after) = (flight.pose(at: time - step), flight.pose(at: time + step))
      let moment = flight.moment(at: time)
      let seconds = 2e-9 * Double(step)
      let velocity = (after.translation - before.translation) / seconds
      #expect(length(velocity - moment.velocityInWorld) < 1e-4)
      let turn = (before.rotation.conjugate * after.rotation).rotationVector / seconds
      #expect(length(turn - moment.angularVelocityInBody) < 1e-4)
    }
  }

  @Test func `has no jump in pose, velocity or acceleration`() {
    let step: Int64 = 1000
    for index in -1...9 {
      let knot = start + Int64(index) * interval
      let moments = (-2...2).map { flight.moment(at: knot + Int64($0) * step) }
      let seconds = Double(step) * 1e-9
      // Two microseconds at less than 100 m/s and 50 rad/s.
      #expect(
        length(moments[3].worldFromBody.translation - moments[1].worldFromBody.translation) < 2e-4)
      #expect(angle(moments[3].worldFromBody.rotation, moments[1].worldFromBody.rotation) < 1e-4)
      func slopes(_ value: (PoseSpline.Moment) -> SIMD3<Double>) -> (SIMD3<Double>, SIMD3<Double>) {
        let all = moments.map(value)
        return ((all[2] - all[0]) / (2 * seconds), (all[4] - all[2]) / (2 * seconds))
      }
      let (before, after) = slopes(\.velocityInWorld)
      let (turningBefore, turningAfter) = slopes(\.angularVelocityInBody)
      // Accelerations reach 600 m/s^2 and change by at most 4e4 m/s^3 within 2 microseconds; a
      // jump would be hundreds.
      #expect(length(before - after) < 0.5)
      #expect(length(turningBefore - turningAfter) < 0.5)
    }
  }

  @Test func `stands still with one pose`() {
    let pose = RigidTransform(
      rotation: Quaternion(angle: 1, axis: SIMD3(0, 1, 0)), translation: SIMD3(1, 2, 3))
    for time in [Int64.min / 4, -1, 0, 1, Int64.max / 4] {
      let moment = PoseSpline(still: pose).moment(at: time)
      #expect(moment.worldFromBody == pose)
      #expect(moment.velocityInWorld == .zero && moment.angularVelocityInBody == .zero)
    }
  }

  @Test func `resolves nanoseconds after a hundred years`() {
    let century: Int64 = 3_155_760_000_000_000_000
    let late = PoseSpline(
      startNanoseconds: century, intervalNanoseconds: 1_000_000_000,
      worldFromBody: (0..<3).map { RigidTransform(translation: SIMD3(Double($0), 0, 0)) })
    #expect(late.pose(at: century + 1_000_000_001).translation.x > 1)
    #expect(abs(late.pose(at: century + 1_500_000_000).translation.x - 1.5) < 1e-15)
  }
}

@Suite struct Shutters {
  @Test func `expose every line at once when global`() {
    let shutter = Shutter(exposureNanoseconds: 1000)
    #expect(shutter.isGlobal)
    for line in 0..<7 { #expect(shutter.beginning(ofLine: line, of: 7) == 0) }
    #expect(shutter.middle(ofPart: 0, of: 1, line: 3, of: 7) == 500)
    #expect((0..<2).map { shutter.middle(ofPart: $0, of: 2, line: 3, of: 7) } == [250, 750])
  }

  @Test(arguments: Shutter.Direction.allCases)
  func `read line after line when rolling`(direction: Shutter.Direction) {
    // Five lines in 4 ms: a millisecond each.
    let shutter = Shutter(readoutNanoseconds: 4_000_000, direction: direction)
    let times = (0..<5).map { shutter.beginning(ofLine: $0, of: 5) }
    let upwards: [Int64] = [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]
    let isReversed = direction == .upwards || direction == .leftwards
    #expect(times == (isReversed ? upwards.reversed() : upwards))
    #expect(shutter.readsRows == (direction == .upwards || direction == .downwards))
    #expect(shutter.beginning(ofLine: 0, of: 1) == 0)
  }

  @Test func `round to the nanosecond`() {
    let shutter = Shutter(exposureNanoseconds: 10, readoutNanoseconds: 10)
    #expect((0..<4).map { shutter.beginning(ofLine: $0, of: 4) } == [0, 3, 7, 10])
    #expect(shutter.middle(ofPart: 2, of: 3, line: 1, of: 4) == 3 + 8)
  }
}
