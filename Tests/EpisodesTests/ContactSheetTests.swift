// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Images
import Testing

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A contact sheet` {
  @Test func `shows six moments of each episode`() throws {
    let tiny = try TinyRun()
    let dataset = try LeRobotDataset(
      path: try tiny.write("sheet", episodeCount: 2, threadCount: 2).path)
    let sheet = try ContactSheet.image(of: dataset)
    // Cells of 160 x 160 pixels, 2 apart: six moments wide, two episodes high.
    #expect(sheet.width == 6 * 162 - 2 && sheet.height == 2 * 162 - 2)
    let span = try #require(dataset.episodes[1].videos["observation.images.front"])
    var reader = try VideoReader(path: dataset.folder + "/" + span.path)
    var frames: [RGBImage] = []
    while let frame = try reader.nextImage() { frames.append(frame) }
    // A frame of 32 pixels is enlarged five times: cells of 5 x 5 of one colour.
    for (column, frame) in frames.suffix(TinyRun.periodCount).enumerated() {
      for (x, y) in [(0, 0), (7, 20), (31, 31)] {
        let place = ((162 + 5 * y + 2) * sheet.width + column * 162 + 5 * x + 2) * 3
        let source = (y * 32 + x) * 3
        #expect(
          Array(sheet.bytes[place..<place + 3]) == Array(frame.bytes[source..<source + 3]))
      }
    }
  }

  @Test func `keeps a tall camera's moments small`() throws {
    let tiny = try TinyRun { $0.replacing("height: 32", with: "height: 640") }
    let dataset = try LeRobotDataset(
      path: try tiny.write("tall", episodeCount: 1, threadCount: 1).path)
    let sheet = try ContactSheet.image(of: dataset)
    #expect(sheet.width == 6 * (8 + 2) - 2 && sheet.height == 160)
  }
}
