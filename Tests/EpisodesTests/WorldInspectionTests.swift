// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Episodes
import Files
import Simulation
import Testing
import Worlds

/// A tiny world with a splat file of its own that lies where things stand.
private func inspect(
  _ robotFile: String?, _ edit: (String) -> String = { $0 }
) throws -> WorldInspection {
  let tiny = try TinyRun { edit($0.replacing("  file: place.ply", with: "  file: level.ply")) }
  try tiny.folder.write(levelSplats, to: "level.ply")
  return WorldInspection(of: tiny.world, robotFile: robotFile, workerExecutable: "/none")
}

/// One flat splat of 1 m in the plane z = 0.
private let levelSplats = """
  ply
  format ascii 1.0
  element vertex 1
  \((["x", "y", "z"] + (0..<3).map { "f_dc_\($0)" } + ["opacity"]
    + (0..<3).map { "scale_\($0)" } + (0..<4).map { "rot_\($0)" })
    .map { "property float \($0)" }.joined(separator: "\n"))
  end_header
  0 0 0 0 0 0 5 0 0 -7 1 0 0 0

  """

extension WorldInspection {
  /// Each mistake from its line on, without the folder.
  fileprivate var lines: [String] {
    mistakes.map { "\($0.field): \($0.found)" }.sorted()
  }
}

@Suite struct `An inspection without the robot` {
  @Test func `finds nothing wrong where nothing is, and measures the surface`() throws {
    let inspection = try inspect(nil)
    #expect(inspection.mistakes.isEmpty, "\(inspection.mistakes)")
    let agreement = try #require(inspection.agreement)
    // One splat of a metre is no plane for the camera that looks along it.
    #expect(agreement.medianError < 0.001, "\(agreement)")
    #expect(agreement.strayCount < agreement.rayCount / 4, "\(agreement)")
  }

  @Test func `finds every mistake that a run would stop at`() throws {
    let inspection = try inspect(nil) {
      $0.replacing("file: level.ply", with: "file: none.ply")
        .replacing("shoulder_lift: -85", with: "shoulder_lft: -85")
        + "scenery:\n  - {mesh: a.obj, position: [0, 0, 0]}\n"
        + "  - {mesh: b.obj, position: [0, 0, 0]}\n"
    }
    let lines = inspection.lines
    #expect(lines.count == 4, "\(lines)")
    #expect(lines[0] == "line 16: robots[0].home_degrees.shoulder_lft: no such joint")
    #expect(lines[1].hasPrefix("line 69: scenery[0].mesh: ") && lines[1].contains("/a.obj: "))
    #expect(lines[2].hasPrefix("line 70: scenery[1].mesh: ") && lines[2].contains("/b.obj: "))
    #expect(lines[3].hasPrefix("line 7: scene.file: ") && lines[3].contains("/none.ply: "))
    #expect(inspection.agreement == nil)
  }

  @Test func `finds a robot without a teacher, and a surface that is elsewhere`() throws {
    let inspection = try inspect(nil) {
      $0.replacing("file: level.ply", with: "file: level.ply\n  position: [0, 0, -0.2]")
        .replacing("asset: so101", with: "asset: so100")
    }
    #expect(
      inspection.lines == [
        "line 15: robots[0].asset: “so100”",
        "line 7: scene.file: a surface 200 mm off z = 0, where things stand",
      ])
  }

  @Test func `finds a task without room`() throws {
    let inspection = try inspect(nil) {
      $0.replacing(#/bearing_degrees: .*/#, with: "bearing_degrees: [0, 1]")
    }
    #expect(inspection.lines == ["line 47: task: no free spots for all things"])
  }

  @Test func `finds a table that the robot does not reach`() throws {
    let inspection = try inspect(nil) {
      $0.replacing("file: level.ply", with: "file: level.ply\n  table: {radius_metres: 0.1}")
        .replacing("position: [-0.22, 0, 0]", with: "position: [-0.6, 0, 0]")
    }
    #expect(inspection.lines.contains("line 48: task: no free spots for all things"))
  }
}

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `An inspection with the robot` {
  @Test func `finds nothing wrong with the built-in bench`() throws {
    let file: String = try #require(FetchedRobot.file)
    let inspection = try inspect(file)
    #expect(inspection.mistakes.isEmpty, "\(inspection.mistakes)")
  }

  @Test func `finds joints beyond their limits and bodies that are not there`() throws {
    let file: String = try #require(FetchedRobot.file)
    let inspection = try inspect(file) {
      $0.replacing("gripper: 20}", with: "gripper: 200}")
        .replacing("wrist_flex: 80", with: "wrist_flx: 80")
        .replacing("body: arm/gripper", with: "body: arm/hand")
    }
    #expect(
      inspection.lines == [
        "line 16: robots[0].home_degrees.gripper: 200.0",
        "line 16: robots[0].home_degrees.wrist_flx: no such joint",
        "line 26: cameras[1].body: no body “arm/hand”",
      ])
  }

  @Test func `finds a robot file that is broken`() throws {
    let inspection = try inspect("/none/so101.xml")
    #expect(inspection.lines.count == 1)
    #expect(inspection.lines.first?.hasPrefix("line 14: robots[0].asset: ") == true)
  }
}
