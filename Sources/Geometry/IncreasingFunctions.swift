// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Returns the last number before a function that is positive at 0 first stops being so.
///
/// Looks at `steps` points up to `end`, then halves the step in which the sign changed down to
/// rounding; `end` itself without a change.
func lastPositive(of function: (Double) -> Double, upTo end: Double, steps: Int) -> Double {
  var low = 0.0
  for step in 1...steps {
    var high = end * Double(step) / Double(steps)
    if function(high) > 0 {
      low = high
      continue
    }
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return low }
      if function(middle) > 0 { low = middle } else { high = middle }
    }
  }
  return low
}

/// Returns the root of a function that increases on `0...end`; `end` when it is negative there.
///
/// Newton's method, with a bisection wherever a step would leave what is known to hold the root:
/// as exact as the function's own rounding.
func increasingRoot(
  upTo end: Double, _ function: (Double) -> (value: Double, slope: Double)
) -> Double {
  guard function(end).value > 0 else { return end }
  var (low, high) = (0.0, end)
  var x = min(end, max(0, -function(0).value))
  // Each step halves the bracket or is Newton's, which doubles the digits near the root.
  for _ in 0..<100 {
    let (value, slope) = function(x)
    if value == 0 { return x }
    if value < 0 { low = x } else { high = x }
    var next = x - value / slope
    if !(next > low && next < high) { next = low + (high - low) / 2 }
    if next == x || next <= low || next >= high { return next }
    x = next
  }
  return x
}
