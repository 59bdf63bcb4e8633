// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images
import MeshFormats
import Meshes
import Testing

@Suite struct `Verbs about the computer` {
  @Test func `tell what is used and what is missing`() throws {
    let folder = try ScratchFolder()
    let outcome = try Program.run(
      ["doctor", "--json"], environment: ["DIORAMA_CACHE": folder.path])
    // The cache is empty, and `run tabletop` needs a robot.
    #expect(outcome.code == 1)
    let line = "doctor: missing: found robot so101, expected nothing, for `diorama run tabletop`"
    #expect(outcome.errors == "diorama: \(line)\n")
    let json = try outcome.json
    #expect(json["isReady"] as? Bool == false)
    let findings = try #require(json["findings"] as? [[String: Any]])
    let robot = try #require(findings.first { $0["name"] as? String == "robot so101" })
    #expect(robot["advice"] as? String == "diorama assets fetch so101")
    let sandbox = try #require(findings.first { $0["name"] as? String == "mesh sandbox" })
    #expect(sandbox["isPresent"] as? Bool == true)
    let walls = try #require(sandbox["found"] as? String)
    #expect(walls.contains(/^seccomp, (Landlock [1-9]|no Landlock)/))
    let libraries = try #require(json["libraries"] as? [[String: String]])
    let mujoco = try #require(libraries.first { $0["name"] == "MuJoCo" })
    #expect(mujoco["loaded"] == mujoco["header"])
    #expect(libraries.allSatisfy { $0["loaded"]?.isEmpty == false })
    let x264 = try #require(libraries.first { $0["name"] == "libx264" })
    #expect(x264["loaded"]?.hasPrefix("core ") == true)
    let version = try Program.run(["--version"]).output
    #expect(json["version"] as? String == version.trimmingCharacters(in: .newlines))
  }

  @Test func `say that pip is missing, which only a fetch needs`() throws {
    let folder = try ScratchFolder()
    func pip() throws -> [String: Any] {
      let json = try Program.run(["doctor", "--json"], environment: ["PATH": folder.path]).json
      let findings = try #require(json["findings"] as? [[String: Any]])
      return try #require(findings.first { $0["name"] as? String == "pip" })
    }
    #expect(try pip()["isPresent"] as? Bool == false)
    #expect(try pip()["isNeeded"] as? Bool == false)
    // A python3 without pip fails; one with it says its version.
    try folder.script("python3", "echo 'No module named pip' >&2; exit 1")
    #expect(try pip()["isPresent"] as? Bool == false)
    try folder.script("python3", "echo pip 99.0")
    #expect(try pip()["found"] as? String == "pip 99.0")
  }

  @Test func `draw a room of splats`() throws {
    let json = try Program.run([
      "bench", "splats", "--count", "300", "--width", "32", "--height", "32", "--pictures", "2",
      "--threads", "1", "--json",
    ]).json
    #expect(json["splatCount"] as? Int == 300)
    #expect(json["millisecondsPerPicture"] is Double)
    #expect(json["bestMillisecondsPerPicture"] is Double)
    let stages = try #require(json["stageMilliseconds"] as? [String: Double])
    // A camera that stood still would skip the first three.
    #expect(Set(stages.keys) == ["project", "sort", "bin", "meshes", "tiles"])
    try expectMachine(json)
  }

  @Test func `draw a room of splats and go back`() throws {
    let json = try Program.run([
      "bench", "backward", "--count", "300", "--width", "32", "--height", "32", "--pictures", "2",
      "--threads", "1", "--json",
    ]).json
    #expect(json["splatCount"] as? Int == 300)
    let both = try #require(json["bestMillisecondsPerPicture"] as? Double)
    #expect(both > 0)
    #expect(json["forwardMilliseconds"] is Double && json["backwardMilliseconds"] is Double)
    let stages = try #require(json["stageMilliseconds"] as? [String: Double])
    #expect(
      Set(stages.keys) == [
        "project", "sort", "bin", "meshes", "tiles", "tilesBackward", "projectBackward",
      ])
    try expectMachine(json)
  }

  @Test func `draw meshes that are built in`() throws {
    let json = try Program.run([
      "bench", "meshes", "--width", "32", "--height", "32", "--pictures", "2", "--threads", "1",
      "--json",
    ]).json
    #expect(json["triangleCount"] as? Int == 20_480 && json["meshCount"] as? Int == 10)
    let stages = try #require(json["stageMilliseconds"] as? [String: Double])
    #expect(stages["meshes"] != nil && stages["tiles"] != nil)
    try expectMachine(json)
  }

  @Test func `draw the meshes of a model where they stand`() throws {
    let folder = try ScratchFolder()
    // One box of 12 triangles fills the picture; geoms of group 3 are not drawn.
    let model = try folder.file(
      "box.xml",
      Array(
        """
        <mujoco><worldbody>
          <geom type="box" size="1 1 1" pos="0 0 5" rgba="1 0 0 1"/>
          <geom type="sphere" size="3" pos="0 0 5" group="3"/>
        </worldbody></mujoco>
        """.utf8))
    let picture = "\(folder.path)/box.png"
    let bench = ["bench", "meshes", "--model", model, "--width", "9", "--height", "9"]
    let json = try Program.run(
      bench + [
        "--position", "4,0,5", "--look-at", "0,0,5", "--fov-degrees", "20", "--pictures", "1",
        "--out", picture, "--json",
      ]
    ).json
    #expect(json["triangleCount"] as? Int == 12)
    let image = try PNG.decodeRGB(try readFile(picture), file: picture)
    #expect(stride(from: 0, to: 243, by: 3).allSatisfy { image.bytes[$0] > 100 })
    // A little of the sky's white lies on the red.
    #expect(stride(from: 1, to: 243, by: 3).allSatisfy { image.bytes[$0] < 100 })
    try Program.expectFailure(
      ["bench", "meshes", "--model", "/no/such.xml"], saying: "/no/such.xml")
  }

  @Test func `draw a splat file in the room's place`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let bench = ["bench", "splats", "--width", "32", "--height", "32", "--pictures", "1", "--json"]
    let json = try Program.run(bench + ["--scene", scene]).json
    #expect(json["splatCount"] as? Int == 2 && json["shDegree"] as? Int == 0)
    #expect(json["scene"] as? String == scene)
    let elsewhere = ["--scene", scene, "--position", "0,0,-3", "--look-at", "0,0,1", "--depth"]
    #expect(try Program.run(bench + elsewhere).json["pictures"] as? Int == 1)
    try Program.expectFailure(bench + ["--scene", "/no/such.ply"], saying: "/no/such.ply")
  }

  @Test func `step the built-in walker`() throws {
    let outcome = try Program.run(["bench", "physics", "--seconds", "0.01", "--json"])
    let json = try outcome.json
    #expect(json["degreesOfFreedom"] as? Int == 27)
    #expect(json["controlCount"] as? Int == 21)
    // Tests/Performance/physics.sh looks for a whole number.
    #expect(outcome.output.contains(/"stepsPerProcessorSecond" : [1-9][0-9]*,/))
    #expect(outcome.output.contains(/"stepsPerSecond" : [1-9][0-9]*,/))
    try expectMachine(json)
  }

  @Test func `name a model that is missing or wrong`() throws {
    let folder = try ScratchFolder()
    let wrong = try folder.file("wrong.xml", Array("<mujoco><nonsense/></mujoco>".utf8))
    try Program.expectFailure(["bench", "physics", "--model", wrong], saying: wrong, "nonsense")
    try Program.expectFailure(
      ["bench", "physics", "--model", "/no/such.xml"], saying: "/no/such.xml")
  }

  @Test func `parse a mesh for another process`() throws {
    let folder = try ScratchFolder()
    let triangle = try folder.file("one.obj", Array("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n".utf8))
    let meshes = try MeshImporter(workerExecutable: Program.path).read(triangle)
    #expect(meshes.map(\.indices.count) == [3])
  }

  private func expectMachine(_ json: [String: Any]) throws {
    let machine = try #require(json["machine"] as? [String: Any])
    #expect(machine["processor"] is String && machine["instructionSet"] is String)
    #expect((machine["coreCount"] as? Int ?? 0) > 0)
  }
}
