// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Sensors
import Testing

/// A sensor that loses nothing but two colours of each pixel.
private func sensor(_ pattern: BayerPattern, _ width: Int, _ height: Int) -> ImageSensor {
  var model = SensorModel()
  model.mosaic = pattern
  model.bitDepth = 16
  model.blackLevel = 0
  return ImageSensor(model, camera: Camera(width: width, height: height, verticalFieldOfView: 1))
}

private func developed(_ light: LinearImage, _ pattern: BayerPattern) -> LinearImage {
  let sensor = sensor(pattern, light.width, light.height)
  return sensor.develop(sensor.expose(to: light, noise: nil))
}

private func grey(width: Int, height: Int, _ value: (Int, Int) -> Float) -> LinearImage {
  var light = LinearImage(width: width, height: height)
  for index in 0..<width * height {
    for channel in 0..<3 {
      light.values[3 * index + channel] = value(index % width, index / width)
    }
  }
  return light
}

/// Two roundings to 16 bits.
private let rounding: Float = 2.0 / 65_535

@Suite struct `Bayer mosaic` {
  @Test func `has the colours of its name`() {
    let letters = ["R", "G", "B"]
    for pattern in BayerPattern.allCases {
      let name = [(0, 0), (1, 0), (0, 1), (1, 1)].map { x, y in
        letters[pattern.channel(x: x + 2, y: y + 4)].lowercased()
      }
      #expect(name.joined() == pattern.rawValue)
    }
  }

  @Test(arguments: BayerPattern.allCases)
  func `measures one colour a pixel`(pattern: BayerPattern) {
    let light = LinearImage(
      width: 4, height: 2, values: (0..<24).map { [0.25, 0.5, 1][$0 % 3] })
    let raw = sensor(pattern, 4, 2).expose(to: light, noise: nil)
    for (index, value) in raw.values.enumerated() {
      let expected: [UInt16] = [16384, 32768, 65535]
      #expect(value == expected[pattern.channel(x: index % 4, y: index / 4)])
    }
  }

  @Test(arguments: BayerPattern.allCases)
  func `keeps a flat colour`(pattern: BayerPattern) {
    for (width, height) in [(2, 2), (3, 2), (8, 7)] {
      let light = LinearImage(
        width: width, height: height,
        values: (0..<width * height * 3).map { [0.7, 0.1, 0.4][$0 % 3] })
      for (found, expected) in zip(developed(light, pattern).values, light.values) {
        #expect(abs(found - expected) < rounding)
      }
    }
  }

  @Test(arguments: BayerPattern.allCases)
  func `keeps an even slope of grey`(pattern: BayerPattern) {
    let light = grey(width: 12, height: 10) { x, y in 0.1 + 0.03 * Float(x) + 0.05 * Float(y) }
    let found = developed(light, pattern)
    // The mirrored edge bends the slope for two pixels of green, so for three of red and blue.
    for y in 3..<7 {
      for index in 3 * (y * 12 + 3)..<3 * (y * 12 + 9) {
        #expect(abs(found.values[index] - light.values[index]) < 2 * rounding)
      }
    }
  }

  @Test(arguments: BayerPattern.allCases)
  func `keeps a level or upright edge of grey sharp`(pattern: BayerPattern) {
    for isUpright in [true, false] {
      let light = grey(width: 12, height: 12) { x, y in (isUpright ? x : y) < 5 ? 0.1 : 0.9 }
      for (found, expected) in zip(developed(light, pattern).values, light.values) {
        #expect(abs(found - expected) < rounding)
      }
    }
  }

  @Test func `bends a missing green by the curvature of red`() {
    // Along the row of a red pixel of 0.4 are green 0.2 and 0.3, red 0.3 and 0.3; greens above and
    // below are far apart: (0.2 + 0.3) / 2 + (0.8 - 0.6) / 4.
    var light = LinearImage(width: 5, height: 5, fill: 0.3)
    func set(_ x: Int, _ y: Int, _ value: Float) {
      for channel in 0..<3 { light.values[3 * (y * 5 + x) + channel] = value }
    }
    set(2, 2, 0.4)
    set(1, 2, 0.2)
    set(2, 1, 0)
    set(2, 3, 1)
    let found = developed(light, .rggb).values[3 * (2 * 5 + 2) + 1]
    #expect(abs(found - 0.3) < rounding)
  }

  /// The 24 patches of a ColorChecker, sRGB (X-Rite, 2005).
  static let patches: [(UInt8, UInt8, UInt8)] = [
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177),
    (103, 189, 170), (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64),
    (224, 163, 46), (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149),
    (8, 133, 161), (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121),
    (85, 85, 85), (52, 52, 52),
  ]

  @Test(arguments: BayerPattern.allCases)
  func `shows a colour checker's patches in their colours`(pattern: BayerPattern) {
    let patch = 11
    let (width, height) = (6 * patch, 4 * patch)
    var chart = RGBImage(width: width, height: height)
    for index in 0..<width * height {
      let (r, g, b) = Self.patches[index / width / patch * 6 + index % width / patch]
      (chart.bytes[3 * index], chart.bytes[3 * index + 1]) = (r, g)
      chart.bytes[3 * index + 2] = b
    }
    let light = LinearImage(
      width: width, height: height, valuesSRGB: chart.bytes.map { Float($0) / 255 })
    let picture = sensor(pattern, width, height).picture(of: light, noise: nil)
    var sum = 0
    for index in chart.bytes.indices {
      let difference = abs(Int(picture.bytes[index]) - Int(chart.bytes[index]))
      sum += difference
      let (x, y) = (index / 3 % width % patch, index / 3 / width % patch)
      // Three pixels from its edges a patch is seen without its neighbours.
      let isInside = min(x, y) >= 3 && max(x, y) < patch - 3
      #expect(difference == 0 || !isInside)
    }
    // Where patches meet, in half of these pixels, colours are wrong by a dozen steps.
    #expect(Double(sum) / Double(chart.bytes.count) < 5)
  }
}
