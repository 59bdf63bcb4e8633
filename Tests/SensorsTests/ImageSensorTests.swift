// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Randomness
import Sensors
import Testing

private func camera(_ width: Int, _ height: Int) -> Camera {
  Camera(width: width, height: height, verticalFieldOfView: 1)
}

/// A sensor without a mosaic, so that every value can be told by itself.
private func plainModel(bitDepth: Int = 16) -> SensorModel {
  var model = SensorModel()
  model.mosaic = nil
  model.bitDepth = bitDepth
  model.blackLevel = 1000
  return model
}

/// The mean and the variance of the raw values of a flat field, 3 x 100 x 100 of them.
private func flatField(
  _ model: SensorModel, light: Float, noise: RandomField? = RandomField(seed: 4)
) -> (mean: Double, variance: Double) {
  let sensor = ImageSensor(model, camera: camera(100, 100))
  let raw = sensor.expose(to: LinearImage(width: 100, height: 100, fill: light), noise: noise)
  let values = raw.values.map { Double($0) }
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  return (mean, variance)
}

/// Of a variance estimated from 30 000 values, four standard errors: 4 sqrt(2 / 30 000).
private let varianceError = 0.033

@Suite struct `Image sensor` {
  @Test func `reads light 1 as the largest number, and no light as black`() {
    var model = plainModel(bitDepth: 12)
    model.blackLevel = 95
    let sensor = ImageSensor(model, camera: camera(4, 1))
    let light = LinearImage(
      width: 4, height: 1, values: [0, 0.5, 1, 2, -1, 0.25, .nan, .infinity, 1e-9, 0, 0, 0])
    // 95 + 4000 l.
    #expect(
      sensor.expose(to: light, noise: nil).values
        == [95, 2095, 4095, 4095, 95, 1095, 95, 4095, 95, 95, 95, 95])
  }

  @Test func `gives back the light it was exposed to`() {
    let sensor = ImageSensor(plainModel(), camera: camera(3, 2))
    let light = LinearImage(width: 3, height: 2, values: (0..<18).map { Float($0) / 17 })
    let developed = sensor.develop(sensor.expose(to: light, noise: nil))
    for (found, expected) in zip(developed.values, light.values) {
      // Half a step of 64 535.
      #expect(abs(found - expected) < 0.51 / 64_535)
    }
  }

  @Test(arguments: [0.001, 0.02, 0.3, 0.9] as [Float])
  func `has as much shot noise as electrons`(light: Float) {
    var model = plainModel()
    model.readNoiseElectrons = 0
    model.fullWellElectrons = 20_000
    let field = flatField(model, light: light)
    // Numbers per electron.
    let k = (65_535.0 - 1000) / 20_000
    let electrons = Double(light) * 20_000
    let meanError = 4 * k * (electrons / 30_000).squareRoot()
    #expect(abs(field.mean - 1000 - k * electrons) < meanError)
    #expect(abs(field.variance / (k * k * electrons) - 1) < varianceError + 0.01)
  }

  @Test func `has its read noise alone in the dark`() {
    var model = plainModel()
    model.readNoiseElectrons = 6
    let field = flatField(model, light: 0)
    let k = (65_535.0 - 1000) / 10_000
    #expect(abs(field.mean - 1000) < 4 * 6 * k / 30_000.0.squareRoot())
    #expect(abs(field.variance / (36 * k * k) - 1) < varianceError)
  }

  @Test func `pays for gain with noise`() {
    var bright = plainModel()
    bright.readNoiseElectrons = 0
    var dark = bright
    dark.exposure = 1.0 / 16
    dark.gain = 16
    let (much, little) = (flatField(bright, light: 0.5), flatField(dark, light: 0.5))
    #expect(abs(much.mean - little.mean) < 20)
    // A sixteenth of the electrons, each counting 16 times: 16^2 / 16.
    #expect(abs(little.variance / much.variance / 16 - 1) < 2 * varianceError)
  }

  @Test func `saturates at its full well`() {
    var model = plainModel()
    model.gain = 0.5
    let field = flatField(model, light: 50)
    let k = 0.5 * (65_535.0 - 1000) / 10_000
    // Shot noise is gone; the well is full and half the numbers are used.
    #expect(abs(field.mean - (1000 + k * 10_000)) < 1)
    #expect(abs(field.variance / (k * k * 2.5 * 2.5) - 1) < varianceError)
  }

  @Test func `is the same for any thread count, and other for another frame`() {
    var model = SensorModel()
    model.jpeg = JPEGLoss(quality: 80)
    model.vignetting = .cosineFourth
    let sensor = ImageSensor(model, camera: camera(67, 41))
    let light = LinearImage(
      width: 67, height: 41, values: (0..<67 * 41 * 3).map { Float($0 % 97) / 96 })
    let noise = RandomField(seed: 9)
    let alone = sensor.picture(of: light, noise: noise)
    for threadCount in 2...3 {
      #expect(sensor.picture(of: light, noise: noise, threadCount: threadCount) == alone)
    }
    #expect(sensor.picture(of: light, noise: RandomField(seed: 10)) != alone)
  }

  @Test func `has independent noise in neighbours`() {
    let sensor = ImageSensor(plainModel(), camera: camera(100, 100))
    let raw = sensor.expose(
      to: LinearImage(width: 100, height: 100, fill: 0.5), noise: RandomField(seed: 1))
    let mean = raw.values.reduce(0.0) { $0 + Double($1) } / 30_000
    let errors = raw.values.map { Double($0) - mean }
    let variance = errors.reduce(0) { $0 + $1 * $1 } / 30_000
    for distance in [1, 3, 300] {
      let products = zip(errors, errors.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 }
      // Four standard errors of a correlation of 30 000 pairs.
      #expect(abs(products / 30_000 / variance) < 4 / 30_000.0.squareRoot())
    }
  }
}

@Suite struct `Fall-off towards the edges` {
  /// 90 degrees across: the edges' middles at 45 degrees, the corners' cosine 1 / sqrt(3).
  private let square = Camera(width: 101, height: 101, verticalFieldOfView: .pi / 2)

  @Test func `falls off by the fourth power of the cosine`() {
    let shares = Vignetting.cosineFourth.shares(square)
    func expected(_ x: Int, _ y: Int) -> Double {
      let offset = (SIMD2(Double(x), Double(y)) - 50) / 50.5
      let cosine = 1 / (1 + (offset * offset).sum()).squareRoot()
      return cosine * cosine * cosine * cosine
    }
    #expect(shares[50 * 101 + 50] == 1)
    for (x, y) in [(0, 50), (100, 50), (50, 0), (0, 0), (100, 100), (73, 12)] {
      #expect(abs(Double(shares[y * 101 + x]) - expected(x, y)) < 1e-7)
    }
    #expect(abs(shares[50 * 101] - 0.25) < 0.01 && abs(shares[0] - 1.0 / 9) < 0.01)
  }

  @Test func `follows a polynomial up to the farthest corner`() {
    var shifted = square
    shifted.principalPoint = SIMD2(0, 0)
    let shares = Vignetting.radial(a: -0.5, b: 0.25, c: -0.125).shares(shifted)
    for (x, y) in [(0, 0), (100, 100), (30, 70)] {
      let place = SIMD2(Double(x), Double(y)) + 0.5
      let s = (place * place).sum() / (2 * 101 * 101)
      let expected = 1 - 0.5 * s + 0.25 * s * s - 0.125 * s * s * s
      #expect(abs(Double(shares[y * 101 + x]) - expected) < 1e-7)
    }
    #expect(Vignetting.radial(a: -9).shares(square).min() == 0)
  }

  @Test func `leaves dark what the lens does not see`() {
    let fisheye = Camera(
      width: 100, height: 100, verticalFieldOfView: 2 * .pi, lens: .fisheye(FisheyeLens()))
    let shares = Vignetting.none.shares(fisheye)
    #expect(shares[0] == 0 && shares[50 * 100 + 50] == 1)
    // Behind the lens the cosine is negative.
    #expect(Vignetting.cosineFourth.shares(fisheye)[50 * 100 + 2] == 0)
  }

  @Test func `dims what the sensor reads`() {
    var model = SensorModel()
    model.vignetting = .cosineFourth
    model.blackLevel = 95
    let raw = ImageSensor(model, camera: square).expose(
      to: LinearImage(width: 101, height: 101, fill: 1), noise: nil)
    #expect(raw.values[50 * 101 + 50] == 4095)
    #expect(abs(Int(raw.values[50 * 101]) - (95 + 1000)) < 30)
  }
}
