// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Testing
import Worlds

@Suite struct `World file` {
  private func mistakes(_ edit: (String) -> String) -> [String] {
    let text = edit(BuiltInWorlds.text(named: "tabletop") ?? "")
    do throws(WorldMistakes) {
      _ = try WorldReader.world(from: text, file: "w.yaml", environment: [:])
      return []
    } catch {
      return error.mistakes.map(\.description)
    }
  }

  @Test(arguments: BuiltInWorlds.names)
  func `of the executable is correct`(name: String) throws {
    let text = try #require(BuiltInWorlds.text(named: name))
    let world = try WorldReader.world(
      from: text, file: "\(name).yaml", environment: ["DIORAMA_DATA": "/data"])
    #expect(world.name == name)
    #expect(world.time.physicsStepNanoseconds == 2_000_000)
    #expect(world.time.controlPeriodsPerEpisode == 480)
    #expect(world.cameras.map(\.name) == ["front", "wrist"])
    #expect(world.task.distractors == 1...3)
  }

  @Test func `reports every mistake at once with its line`() {
    let found = mistakes {
      $0.replacing("name: tabletop", with: "name: tabletop\nnmae: x")
        .replacing("control_rate_hz: 30", with: "control_rate_hz: fast")
        .replacing("exposure: [0.85, 1.15]", with: "exposure: [1.15, 0.85]")
        .replacing("body: arm/gripper", with: "body: leg/gripper")
        .replacing("kind: put", with: "kind: pot")
    }
    #expect(
      found == [
        "w.yaml: line 5: nmae: found an unknown key, expected a key of this format (did you mean “name”?)",
        "w.yaml: line 11: time.control_rate_hz: found “fast”, expected a whole number in 1...1000",
        "w.yaml: line 28: cameras[1].body: found “leg/gripper”, expected ROBOT/BODY with a robot of this file (arm)",
        "w.yaml: line 50: task.kind: found “pot”, expected one of put (did you mean “put”?)",
        "w.yaml: line 64: randomisation.exposure: found 1.15 > 0.85, expected [low, high]",
      ])
  }

  @Test func `has control periods that keep up with real time`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    let time = try WorldReader.world(from: text, file: "w.yaml", environment: [:]).time
    // 500 steps in 30 periods: 16 2/3 each.
    #expect((0...4).map(time.physicsStep) == [0, 17, 34, 50, 67])
    #expect(time.physicsStep(atControlPeriod: 30 * 60) == 500 * 60)
  }

  @Test(arguments: [600, 20]) func `with a physics rate that is no clock is refused`(rate: Int) {
    let found = mistakes { $0.replacing("physics_rate_hz: 500", with: "physics_rate_hz: \(rate)") }
    #expect(found.count == 1)
    #expect(found.first?.contains("a divisor of 1,000,000,000, at least control_rate_hz") == true)
  }

  @Test func `without a required key says so`() {
    let found = mistakes { $0.replacing("  kind: put\n", with: "") }
    #expect(found.count == 1)
    #expect(found.first?.contains("task.kind: found nothing, expected this key") == true)
  }

  @Test func `with two scene sources or none says so`() {
    let two = mistakes {
      $0.replacing("  builtin: courtyard", with: "  builtin: courtyard\n  file: a.ply")
    }
    #expect(two.first?.contains("found builtin and file, expected exactly one of") == true)
    let none = mistakes { $0.replacing("  builtin: courtyard\n", with: "") }
    #expect(none.first?.contains("found none of them, expected exactly one of") == true)
  }

  @Test(arguments: ["", "[1, 2", "a: b: c", "- 1", "\t x: 1", "{", "&a [*a]"])
  func `that is rubbish is refused`(text: String) {
    #expect(throws: WorldMistakes.self) {
      _ = try WorldReader.world(from: text, file: "w.yaml", environment: [:])
    }
  }

  @Test func `with an unset variable names it`() throws {
    let text = try #require(BuiltInWorlds.text(named: "garden"))
    #expect {
      _ = try WorldReader.world(from: text, file: "garden.yaml", environment: [:])
    } throws: { error in
      "\(error)".contains("${DIORAMA_DATA}, which is not set")
    }
  }

  @Test func `finds its scene beside itself`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: here/a.spz\n")
    let world = try WorldReader.world(from: text, file: "/w/x.yaml", environment: [:])
    #expect(
      world.scene
        == .file(path: "/w/here/a.spz", metresPerUnit: 1, worldFromScene: .identity))
  }
}
