// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Files

private func shell(_ script: String, seconds: Int = 10, output: Int = 1 << 20) -> LimitedRun {
  runLimited(
    ["/bin/sh", "-c", script],
    limits: ProcessLimits(
      wallTime: .seconds(seconds), memoryBytes: 1 << 30, outputBytes: output))
}

@Suite struct `Limited process` {
  @Test func `hands over what a program prints and how it ends`() {
    let run = shell("echo out; echo err >&2; exit 3")
    #expect(run.ending == .exited(code: 3))
    #expect(run.output == Array("out\n".utf8) && run.messages == "err\n")
  }

  @Test func `hands over every byte up to the limit and no more`() {
    let exact = shell("head -c 200000 /dev/zero", output: 200_000)
    #expect(exact.ending == .exited(code: 0) && exact.output.count == 200_000)
    #expect(shell("head -c 200001 /dev/zero", output: 200_000).ending == .printedTooMuch)
  }

  @Test func `keeps the start of long messages and waits for the end`() {
    let run = shell("head -c 300000 /dev/zero >&2; exit 4")
    #expect(run.ending == .exited(code: 4) && run.messages.utf8.count == 1 << 16)
  }

  @Test func `names the signal that ended a program`() {
    #expect(shell("kill -ABRT $$").ending == .crashed(signal: 6))
  }

  @Test func `kills what a program started when the time is up`() {
    // Both shells' sleeps hold the output open: waiting for its end would take 30 s.
    #expect(shell("sleep 30 & sleep 30", seconds: 1).ending == .timedOut)
    #expect(shell("sleep 30 & echo done").output == Array("done\n".utf8))
  }

  @Test func `gets no descriptor but three, and an own process group`() {
    let run = shell(
      "ls /proc/self/fd | wc -l; test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo group")
    // Standard input, output, error, and the folder that ls reads.
    #expect(String(decoding: run.output, as: UTF8.self) == "4\ngroup\n")
  }

  @Test func `writes no file`() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/diorama-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = shell("echo text > \(folder)/made; wc -c < \(folder)/made")
    if run.writesForbidden {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    } else {
      // Without Landlock the size limit of zero still keeps bytes off the disk.
      #expect(!String(decoding: run.output, as: UTF8.self).contains("5"))
    }
  }

  @Test func `has limits on memory, files and core dumps`() {
    let run = shell("ulimit -v; ulimit -f; ulimit -c; grep NoNewPrivs /proc/self/status")
    #expect(
      String(decoding: run.output, as: UTF8.self) == "1048576\n0\n0\nNoNewPrivs:\t1\n")
  }

  @Test func `starts an own program for each of many threads`() async {
    let endings = await withTaskGroup(of: LimitedRun.Ending.self) { group in
      for index in 0..<8 { group.addTask { shell("exit \(index)").ending } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(endings.map { "\($0)" }).count == 8)
  }
}
