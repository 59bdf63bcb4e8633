// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Geometry

@Suite struct `Moments` {
  @Test(arguments: [
    ("1970-01-01", 0, 1), ("1970-01-01T00:00:00.250Z", 250, 1), ("1969-12-31", -86_400_000, 365),
    ("2000-02-29T12:00Z", 951_825_600_000, 60), ("2026-11-26T15:04:05", 1_795_705_445_000, 330),
    ("2024-12-31T23:59:59.999Z", 1_735_689_599_999, 366), ("1900-03-01", -2_203_891_200_000, 60),
  ])
  func `are read from ISO 8601`(text: String, milliseconds: Int64, day: Int) throws {
    let moment = try #require(SceneMoment(text))
    #expect(moment.milliseconds == milliseconds)
    #expect(moment.dayOfYear == day)
    #expect(SceneMoment(moment.description) == moment)
  }

  /// Foundation's calendar is the reference.
  @Test func `agree with Foundation over four centuries`() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for step in 0..<4000 {
      let moment = SceneMoment(milliseconds: Int64(step - 2000) * 3_155_760_007)
      let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
      #expect(calendar.ordinality(of: .day, in: .year, for: date) == moment.dayOfYear)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let civil = SceneMoment.civil(Int((Double(moment.milliseconds) / 86_400_000).rounded(.down)))
      #expect(parts.year == civil.year && parts.month == civil.month && parts.day == civil.day)
    }
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-32", "26-01-01", "2026-1-1",
    "2026-01-01T24:00", "2026-01-01T12", "2026-01-01T12:60", "2026-01-01T12:00:60",
    "2026-01-01T12:00:00.1234", "2026-01-01T12:00.5", "2026-01-01+01:00", "2026-01-01T",
    "+026-01-01",
    "2026-01-01T12:00:00.", "2026-01-01T12:00ZZ", "２026-01-01",
  ])
  func `are refused where they are none`(text: String) {
    #expect(SceneMoment(text) == nil)
  }
}
