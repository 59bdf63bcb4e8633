// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A moment, as scenes count time: whole milliseconds since 1970 UTC, without leap seconds.
package struct SceneMoment: Equatable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package var milliseconds: Int64

  /// Makes a moment.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  static let millisecondsPerDay: Int64 = 86_400_000

  /// The day of the year in UTC, 1...366.
  package var dayOfYear: Int {
    let day = Int(floorDivide(milliseconds, Self.millisecondsPerDay))
    let year = Self.civil(day).year
    return day - Self.days(year: year, month: 1, day: 1) + 1
  }

  /// The year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
  ///
  /// By eras of 400 years that begin on 1 March, after Hinnant, "chrono-compatible low-level date
  /// algorithms".
  static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * ofYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      ofYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  /// The number of days from 1970-01-01 to a day of the Gregorian calendar.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468
  }
}

extension SceneMoment: CustomStringConvertible {
  /// Reads a moment of UTC, with or without a `Z` at its end; nil where it is none.
  ///
  /// `2026-11-26`, `2026-11-26T15:04`, or with seconds and up to three decimals.
  package init?(_ text: String) {
    let text = text.last == "Z" ? text.dropLast() : text[...]
    let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = Self.numbers(halves[0], separator: "-", digits: [4, 2, 2]), date.count == 3,
      (1...12).contains(date[1])
    else { return nil }
    let (year, month, day) = (date[0], date[1], date[2])
    let start = Self.days(year: year, month: month, day: day)
    guard day >= 1, Self.civil(start) == (year, month, day) else { return nil }
    var milliseconds = Int64(start) * Self.millisecondsPerDay
    if halves.count == 2 {
      let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count <= 2,
        let clock = Self.numbers(parts[0], separator: ":", digits: [2, 2, 2]), clock.count >= 2,
        clock[0] < 24, clock[1] < 60, clock.count < 3 || clock[2] < 60
      else { return nil }
      let seconds = clock[0] * 3600 + clock[1] * 60 + (clock.count == 3 ? clock[2] : 0)
      milliseconds += Int64(seconds) * 1000
      if parts.count == 2 {
        guard clock.count == 3, (1...3).contains(parts[1].utf8.count),
          let decimals = Self.numbers(
            parts[1] + String(repeating: "0", count: 3 - parts[1].utf8.count),
            separator: ":", digits: [3])
        else { return nil }
        milliseconds += Int64(decimals[0])
      }
    } else if text.count != 10 {
      return nil
    }
    self.init(milliseconds: milliseconds)
  }

  /// The moment in ISO 8601, in UTC, with milliseconds where there are some.
  package var description: String {
    let day = floorDivide(milliseconds, Self.millisecondsPerDay)
    let date = Self.civil(Int(day))
    let rest = Int(milliseconds - day * Self.millisecondsPerDay)
    func padded(_ value: Int, _ digits: Int) -> String {
      let text = "\(value)"
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }
    let decimals = rest % 1000 == 0 ? "" : "." + padded(rest % 1000, 3)
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + clock.joined(separator: ":") + decimals + "Z"
  }

  /// Whole numbers of so many digits each, as many as there are; nil where one is none.
  private static func numbers(
    _ text: some StringProtocol, separator: Character, digits: [Int]
  ) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count <= digits.count else { return nil }
    var numbers: [Int] = []
    for (part, count) in zip(parts, digits) {
      guard part.utf8.count == count, part.utf8.allSatisfy({ (48...57).contains($0) }),
        let number = Int(part)
      else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}
