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
        "w.yaml: line 65: randomisation.exposure: found 1.15 > 0.85, expected [low, high]",
      ])
  }

  @Test func `has control periods that keep up with real time`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    let time = try WorldReader.world(from: text, file: "w.yaml", environment: [:]).time
    // 500 steps in 30 periods: 16 2/3 each.
    #expect((0...4).map(time.physicsStep) == [0, 17, 34, 50, 67])
    #expect(time.physicsStep(atControlPeriod: 30 * 60) == 500 * 60)
  }

  @Test(arguments: [
    (25, "1.16", 29), (30, "16", 480), (30, "0.7", 21), (10, "0.3", 3), (1000, "1.001", 1001),
    // What is left of a period does not count, but there is always one.
    (25, "1.199", 29), (1, "0.1", 1),
  ])
  func `lasts as many control periods as fit`(rate: Int, seconds: String, count: Int) throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("control_rate_hz: 30", with: "control_rate_hz: \(rate)")
      .replacing("physics_rate_hz: 500", with: "physics_rate_hz: 1000")
      .replacing("episode_seconds: 16", with: "episode_seconds: \(seconds)")
    let time = try WorldReader.world(from: text, file: "w.yaml", environment: [:]).time
    #expect(time.controlPeriodsPerEpisode == count)
  }

  @Test func `turns places as it says, and not at all where it says nothing`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    let line = #/ *place_yaw_degrees: .*\n/#
    func placeYaw(_ replacement: String) throws -> ClosedRange<Double> {
      try WorldReader.world(
        from: text.replacing(line, with: replacement), file: "w.yaml", environment: [:]
      ).randomisation.placeYaw
    }
    #expect(try placeYaw("  place_yaw_degrees: [-90, 45]\n") == -.pi / 2 ... .pi / 4)
    #expect(try placeYaw("") == 0...0)
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
    #expect(none.count == 2)
    #expect(none.first?.contains("scene.seed: found a field of `builtin`, expected") == true)
    #expect(none.last?.contains("scene: found none of them, expected exactly one of") == true)
  }

  /// What is no world at all, and where its one or first mistake must lie and say.
  @Test(arguments: [
    ("", "line 1: found an empty file, expected a world"),
    ("# only words\n", "line 1: found an empty file, expected a world"),
    ("[1, 2", "line 1: found broken YAML (while parsing a flow sequence"),
    ("a: b: c", "line 1: found broken YAML (mapping values are not allowed"),
    ("- 1", "line 1: found a list of 1, expected a mapping"),
    ("format", "line 1: found “format”, expected a mapping"),
    ("x: 1\n\t y: 1", "line 2: found broken YAML (while scanning a plain scalar found a tab"),
    ("{", "line 1: found broken YAML (while parsing a flow node"),
    ("&a [*a]", "line 1: found broken YAML (found undefined alias"),
    ("x: 1\n---\nx: 2", "line 2: found broken YAML (expected a single document"),
    ("!other\nformat: 1", "line 1: found a mapping, expected a mapping without a tag"),
  ])
  func `that is rubbish is refused`(text: String, start: String) {
    let found = mistakes { _ in text }
    #expect(found.first?.hasPrefix("w.yaml: \(start)") == true, "\(found)")
    #expect(found.count == 1, "\(found)")
  }

  @Test func `with an unset variable names it, whatever else is wrong`() throws {
    let text = try #require(BuiltInWorlds.text(named: "garden"))
      .replacing("name: garden", with: "name: garden\nnmae: x\nformat: 1")
    let error = #expect(throws: WorldMistakes.self) {
      _ = try WorldReader.world(from: text, file: "garden.yaml", environment: [:])
    }
    let words = (error?.mistakes ?? []).map { "\($0.field): \($0.found)" }
    #expect(
      words == [
        "line 3: format: “format” more than once", "line 5: nmae: an unknown key",
        "line 9: scene.points: ${DIORAMA_DATA}, which is not set",
      ])
  }

  @Test func `finds its scene beside itself`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: here/a.spz\n")
    let world = try WorldReader.world(from: text, file: "/w/x.yaml", environment: [:])
    #expect(
      world.scene
        == .file(path: "/w/here/a.spz", metresPerUnit: 1, worldFromScene: .identity))
  }

  @Test func `keeps its text, and the paths in it as they are written`() throws {
    let text =
      try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: ${A}/a.spz\n")
      + "scenery:\n  - {mesh: b.obj, root: ., position: [0, 0, 0]}\n"
    let world = try WorldReader.world(
      from: text, file: "/w/x.yaml", folder: "/elsewhere", environment: ["A": "/a"])
    #expect(world.filesAsWritten == ["${A}/a.spz", "b.obj"])
    #expect(
      world.scene == .file(path: "/a/a.spz", metresPerUnit: 1, worldFromScene: .identity))
    #expect(world.scenery.map(\.path) == ["/elsewhere/b.obj"])
    #expect(world.scenery.map(\.root) == ["/elsewhere/."])
    #expect(world.sourceText == text)
    #expect(world.sourceDigest == SHA256.hexDigest(of: Array(text.utf8)))
  }

  /// Each pair is an edit of the tabletop and what its one mistake must say.
  @Test(arguments: [
    ("name: front", "name: ../front", "1 to 64 ASCII letters, digits and underscores"),
    ("name: tabletop", "name: \"a\\nb\"", "name: found the text “a␀b”, expected one line of text"),
    (
      "physics_rate_hz: 500", "physics_rate_hz: \"500\"",
      "found the text “500”, expected a whole number"
    ),
    ("distractors: [1, 3]", "distractors: [3, 1]", "found 3 > 1, expected [fewest, most]"),
    ("decoy_places: [0, 1]", "decoy_places: [0, 8]", ""),
    ("shape: can", "shape: cube", "found “cube” a second time, expected one entry a shape"),
    ("colours: [red, green, blue, orange]", "colours: [red, red]", "found “red” a second time"),
    (
      "outputs: [rgb, depth, instances]\n  - name", "outputs: [rgb, rgb]\n  - name",
      "each word once"
    ),
    ("name: tabletop", "name: 2024", "found “2024”, expected one line of text, in quotes"),
    ("name: tabletop", "name: true", "found “true”, expected one line of text, in quotes"),
    ("name: tabletop", "name: 2024-11-26", ""),
    ("asset: so101", "asset: ~", "found “~”, expected one line of text, in quotes"),
    ("physics_rate_hz: 500", "physics_rate_hz: 500.0", ""),
    ("physics_rate_hz: 500", "physics_rate_hz: 5e2", ""),
    ("physics_rate_hz: 500", "physics_rate_hz: 0x1f4", ""),
    ("physics_rate_hz: 500", "physics_rate_hz: 500.5", "expected a whole number in 1...100000"),
    ("physics_rate_hz: 500", "physics_rate_hz: 1_000", "expected a whole number in 1...100000"),
    ("episode_seconds: 16", "episode_seconds: 1:30", "expected a number in 0.1...600.0"),
    ("episode_seconds: 16", "episode_seconds: .inf", "expected a number in 0.1...600.0"),
    ("episode_seconds: 16", "episode_seconds: .nan", "expected a number in 0.1...600.0"),
    (
      "width: 256\n    height: 256\n    vertical_fov_degrees: 50",
      "width: 255\n    height: 256\n    vertical_fov_degrees: 50",
      "expected an even number in 16...4096"
    ),
    ("body: arm/gripper", "body: arm/", "expected ROBOT/BODY with a robot of this file (arm)"),
    ("name: tabletop", "name: \"a\\x85b\"", "found the text “a␀b”, expected one line of text"),
    ("seed: 1\n", "seed: 99999999999999999999\n", "expected a whole number from 0"),
    ("colour_jitter", "<<", "found an unknown key"),
    ("seed: 1", "seed: 1\n  metres_per_unit: 2", "found a field of `file`"),
    ("gripper: 20}", "[a]: 20}", "found the key a list of 1, expected a name for a key"),
    ("gripper: 20}", "1: 20}", "found the key “1”, expected a name for a key"),
    ("up: [0, -1, 0]", "up: [0, 0, 0]", "up: found a vector of length 0"),
    ("format: 1", "format: 2", "format: found “2”, expected 1"),
    ("colour_jitter: 0.05", "colour_jitter: 0.18", "colour_jitter: found “0.18”, expected"),
  ])
  func `with one mistake reports that alone`(old: String, new: String, words: String) {
    let found = mistakes { $0.replacing(old, with: new) }
    #expect(found.count == (words.isEmpty ? 0 : 1), "\(found)")
    #expect(found.first?.contains(words) ?? words.isEmpty, "\(found)")
  }

  @Test func `with fewer things than an episode may need says how many there are`() {
    let found = mistakes {
      $0.replacing("decoy_places: [0, 1]", with: "decoy_places: [0, 3]")
        .replacing("  - {shape: tray, colours: [black, white, red]}\n", with: "")
        .replacing(
          "shape: plate, colours: [white, blue, green]", with: "shape: plate, colours: [red]"
        )
        .replacing(
          "shape: bowl, colours: [white, yellow, blue]", with: "shape: bowl, colours: [red]")
    }
    #expect(found.count == 1)
    #expect(found.first?.contains("at most 1, since `places` has 2 things") == true, "\(found)")
  }

  @Test func `with keys twice names each with its line, and finds the rest`() {
    let found = mistakes {
      $0.replacing("  seed: 1\n", with: "  seed: 1\n  \"seed\": 2\n  seed: -3\n")
        .replacing("gripper: 20}", with: "gripper: 20, gripper: 3, 'gripper': no}")
        .replacing("kind: put", with: "kind: pot")
    }
    #expect(
      found == [
        "w.yaml: line 8: scene.seed: found “seed” more than once, expected each key once",
        "w.yaml: line 9: scene.seed: found “seed” more than once, expected each key once",
        "w.yaml: line 10: scene.seed: found “-3”, expected a whole number from 0",
        "w.yaml: line 19: robots[0].home_degrees.gripper: found “gripper” more than once, expected each key once",
        "w.yaml: line 19: robots[0].home_degrees.gripper: found “gripper” more than once, expected each key once",
        "w.yaml: line 19: robots[0].home_degrees.gripper: found “no”, expected a number in -360.0...360.0",
        "w.yaml: line 51: task.kind: found “pot”, expected one of put (did you mean “put”?)",
      ])
  }

  @Test func `with a key twice above broken YAML reports both`() {
    let found = mistakes {
      $0.replacing("  seed: 1\n", with: "  seed: 1\n  seed: 2\n")
        .replacing("  control_rate_hz", with: "\tcontrol_rate_hz")
    }
    #expect(found.count == 2 && found[0].hasPrefix("w.yaml: line 8: found “seed” more than once"))
    #expect(found.last?.hasPrefix("w.yaml: line 11: found broken YAML") == true, "\(found)")
  }

  @Test func `with more keys twice than anyone mistypes is given up`() {
    let found = mistakes {
      $0.replacing("  seed: 1\n", with: String(repeating: "  seed: 1\n", count: 1000))
    }
    #expect(found.count == 101)
  }

  @Test func `stays small where aliases make it large`() {
    // 2,000 times 2,000 colours in 14 kB: more than 64 of either are not looked at.
    let found = mistakes { text in
      let colours = "&c [" + String(repeating: "pink, ", count: 2000) + "red]"
      let objects = "[" + String(repeating: "*o, ", count: 2000) + "*o]"
      return text.replacing(
        #/objects:\n(  - .*\n)+/#,
        with: "odd: &o {shape: cube, colours: \(colours)}\nobjects: \(objects)\n")
    }
    #expect(found.count < 64 * 64)
    #expect(found.contains { $0.contains("found 2001 items, expected 1...64 items") })
  }

  @Test func `with broken YAML says what is broken and where`() {
    let found = mistakes { $0.replacing("  control_rate_hz", with: "\tcontrol_rate_hz") }
    #expect(
      found == [
        "w.yaml: line 10: found broken YAML (while scanning for the next token found character "
          + "that cannot start any token), expected a YAML document"
      ])
    let zero = mistakes { $0.replacing("name: tabletop", with: "name: table\0top") }
    #expect(
      zero.first?.contains("line 4: found broken YAML (control characters") == true, "\(zero)")
  }

  @Test(arguments: ["[0.3, 0, 0.4]", "[0.30000000001, 0, 0.4]"])
  func `with a camera that looks at itself is refused`(target: String) {
    let found = mistakes {
      $0.replacing(
        #/name: front\n +position: .*\n +look_at: .*\n/#,
        with: "name: front\n    position: [0.3, 0, 0.4]\n    look_at: \(target)\n")
    }
    #expect(found.count == 1)
    #expect(found.first?.contains("the camera's own position") == true, "\(found)")
  }

  @Test(arguments: [
    ("table: {radius_metres: 0.9}", DeclaredTable(top: .disc(radius: 0.9), height: 0.74)),
    (
      "table: {size_metres: [1.5, 0.8], height_metres: 0.7}",
      DeclaredTable(top: .rectangle(halfSizes: SIMD2(0.75, 0.4)), height: 0.7)
    ),
    ("metres_per_unit: 1", nil),
  ])
  func `may say which table its splat file shows`(line: String, table: DeclaredTable?) throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: /a.ply\n  \(line)\n")
    let world = try WorldReader.world(from: text, file: "w.yaml", environment: [:])
    #expect(
      world.scene
        == .file(
          path: "/a.ply", metresPerUnit: 1, worldFromScene: .identity, table: table))
  }

  @Test func `with two shapes of one table says so`() {
    let found = mistakes {
      $0.replacing(
        "  builtin: courtyard\n  seed: 1\n",
        with: "  file: a.ply\n  table: {radius_metres: 1, size_metres: [1, 1]}\n")
    }
    #expect(found.count == 1)
    #expect(
      found.first?.contains("found size_metres and radius_metres, expected exactly one of") == true)
  }

  @Test func `knows the lines of its fields for later`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    let lines = try WorldReader.world(from: text, file: "w.yaml", environment: [:]).lines
    func place(_ field: String) -> String { lines.mistake(field, found: "x", expected: "y").field }
    #expect(place("robots[0].home_degrees.gripper") == "line 17: robots[0].home_degrees.gripper")
    #expect(place("task") == "line 48: task")
    #expect(place("cameras[1].name") == "line 26: cameras[1].name")
    // What the file leaves out is looked for where it would stand.
    #expect(place("cameras[1].near_metres") == "line 26: cameras[1].near_metres")
    #expect(place("scenery[3].mesh") == "line 1: scenery[3].mesh")
    let cause = InputError(file: "a.ply", field: "file", found: "nothing", expected: "splats")
    #expect(
      lines.mistake("scene.builtin", because: cause).description
        == "w.yaml: line 7: scene.builtin: found a.ply: file: nothing, expected splats")
  }

  @Test(arguments: [("[0, 0, 0, 0]", 1), ("[0.7071, 0, 0, 0.7071]", 0), ("[1, 1, 0, 0]", 1)])
  func `takes a rotation of length 1 only`(rotation: String, count: Int) {
    let found = mistakes {
      $0.replacing(
        "  builtin: courtyard\n  seed: 1\n", with: "  file: a.ply\n  rotation_wxyz: \(rotation)\n")
    }
    #expect(found.count == count, "\(found)")
  }

  @Test func `replaces a variable once, whatever stands in it`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: \"}${A}/${B}.ply\"\n")
    let world = try WorldReader.world(
      from: text, file: "/w/x.yaml", environment: ["A": "${A}", "B": "b"])
    #expect(
      world.scene
        == .file(path: "/w/}${A}/b.ply", metresPerUnit: 1, worldFromScene: .identity))
    #expect(throws: WorldMistakes.self) {
      let open = text.replacing("${B}", with: "${B")
      _ = try WorldReader.world(from: open, file: "/w/x.yaml", environment: ["A": "", "B": ""])
    }
  }

  @Test func `has cameras that look where they are told to`() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop")).replacing(
      #/name: front\n +position: .*\n +look_at: .*\n/#,
      with: "name: front\n    position: [0, 0, 2]\n    look_at: [0, 0, 0]\n")
    let world = try WorldReader.world(from: text, file: "w.yaml", environment: [:])
    let worldFromCamera = world.cameras[0].bodyFromCamera
    // Straight down with z up, the top of the picture is y.
    #expect(length(worldFromCamera * SIMD3(0, 0, 2)) < 1e-12)
    #expect(length(worldFromCamera * SIMD3(0, -1, 0) - SIMD3(0, 1, 2)) < 1e-12)
  }
}
