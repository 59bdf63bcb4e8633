// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads lengths as mappers write them, in metres: `12`, `12.5 m`, `40 ft`, `12'6"`, `1 km`, `7,5`.
///
/// Source: wiki.openstreetmap.org/wiki/Map_features/Units. Of several values (`3;4`) the first
/// counts. Nil for what is no length, negative, or longer than 10 km.
func metres(fromTag text: String?) -> Double? {
  guard let text else { return nil }
  let first = text.split(separator: ";").first.map(String.init) ?? ""
  let trimmed = first.trimmingCharacters(in: .whitespaces).lowercased()
  if let value = feetAndInches(trimmed) { return value }
  let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || "+-.,".contains($0)) }
  guard let number = Double(digits.replacing(",", with: ".")) else { return nil }
  let unit = trimmed.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
  guard let factor = metresPerUnit[unit] else { return nil }
  return lengthInRange(number * factor)
}

/// Reads a number of storeys or lanes: not negative, at most 500; fractions are allowed.
func number(fromTag text: String?) -> Double? {
  guard let first = text?.split(separator: ";").first,
    let value = Double(first.trimmingCharacters(in: .whitespaces).replacing(",", with: ".")),
    (0...500).contains(value)
  else { return nil }
  return value
}

/// Reads a direction, degrees clockwise from north, or a name such as `NNE`; returns radians.
func bearing(fromTag text: String?) -> Double? {
  guard let text = text?.trimmingCharacters(in: .whitespaces).uppercased() else { return nil }
  if let index = compassNames.firstIndex(of: text) { return Double(index) * .pi / 8 }
  guard let degrees = Double(text), degrees.isFinite, abs(degrees) <= 720 else { return nil }
  return degrees * .pi / 180
}

private let compassNames = [
  "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
  "NNW",
]

private let metresPerFoot = 0.3048
private let metresPerUnit: [String: Double] = [
  "": 1, "m": 1, "metre": 1, "metres": 1, "meter": 1, "meters": 1, "cm": 0.01, "km": 1000,
  "ft": metresPerFoot, "feet": metresPerFoot, "mi": 1609.344,
]

private func lengthInRange(_ metres: Double) -> Double? {
  (0...10_000).contains(metres) ? metres : nil
}

private func feetAndInches(_ text: String) -> Double? {
  let parts = text.split(separator: "'", omittingEmptySubsequences: false)
  guard parts.count == 2, let feet = Double(parts[0].trimmingCharacters(in: .whitespaces)) else {
    return nil
  }
  let rest = parts[1].replacing("\"", with: "").trimmingCharacters(in: .whitespaces)
  guard let inches = rest.isEmpty ? 0 : Double(rest) else { return nil }
  return lengthInRange((feet + inches / 12) * metresPerFoot)
}
