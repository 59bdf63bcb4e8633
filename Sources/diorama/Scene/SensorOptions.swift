// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Geometry
import Images
import Randomness
import Sensors

extension BayerPattern: ExpressibleByArgument {}

/// What a sensor makes of the light; without any of these the light is shown as it is.
struct SensorOptions: ParsableArguments {
  @Option(help: "A factor on the light.") var exposure: Double?
  @Option(help: "A factor on the signal, noise included.") var gain: Double?
  @Option(help: "Shot and read noise, from this seed; each picture has its own.")
  var noiseSeed: UInt64?
  @Option(help: "The electrons of a pixel at full light; 10000 unless given. Fewer, more noise.")
  var fullWellElectrons: Double?
  @Option(help: "The deviation of the noise of reading, electrons; 2.5 unless given.")
  var readNoiseElectrons: Double?
  @Option(
    help: ArgumentHelp(
      """
      Light lost towards the edges: cosine-fourth, or a,b,c of 1 + a r^2 + b r^4 + c r^6 with r of \
      1 in the farthest corner.
      """, valueName: "law"))
  var vignetting: VignettingLaw?
  @Option(help: "A mosaic of colours before the pixels, and their interpolation.")
  var bayer: BayerPattern?
  @Option(help: "What a JPEG file of this quality loses, 1 to 100.") var jpegQuality: Int?

  func validate() throws {
    for (name, value) in [
      ("--exposure", exposure), ("--gain", gain), ("--full-well-electrons", fullWellElectrons),
    ] {
      if let value, !(value > 0 && value <= 1e9) {
        throw ValidationError("\(name): \(value) is no number in 0 to 1e9.")
      }
    }
    if let noise = readNoiseElectrons, !(0...1e6).contains(noise) {
      throw ValidationError("--read-noise-electrons: \(noise) is not in 0 to 1e6.")
    }
    guard noiseSeed != nil || (fullWellElectrons == nil && readNoiseElectrons == nil) else {
      throw ValidationError(
        "--full-well-electrons and --read-noise-electrons are for --noise-seed.")
    }
    if let jpegQuality, !(1...100).contains(jpegQuality) {
      throw ValidationError("--jpeg-quality: \(jpegQuality) is not in 1 to 100.")
    }
  }

  /// The model; nil when no option asks for one.
  var model: SensorModel? {
    guard
      exposure != nil || gain != nil || noiseSeed != nil || vignetting != nil || bayer != nil
        || jpegQuality != nil
    else { return nil }
    var model = SensorModel()
    model.mosaic = bayer
    if let exposure { model.exposure = exposure }
    if let gain { model.gain = gain }
    if let fullWellElectrons { model.fullWellElectrons = fullWellElectrons }
    if let readNoiseElectrons { model.readNoiseElectrons = readNoiseElectrons }
    if let vignetting { model.vignetting = vignetting.value }
    model.jpeg = jpegQuality.map { JPEGLoss(quality: $0) }
    return model
  }

  /// The noise of one picture.
  func noise(ofPicture picture: Int) -> RandomField? {
    guard let noiseSeed else { return nil }
    var stream = RandomStream(seed: noiseSeed, purpose: "sensor noise", tick: UInt32(picture))
    return RandomField(seed: stream.next())
  }
}

/// A law of vignetting on the command line.
struct VignettingLaw: ExpressibleByArgument {
  var value: Vignetting

  init?(argument: String) {
    if argument == "cosine-fourth" {
      value = .cosineFourth
      return
    }
    guard let numbers = NumberList(argument: argument)?.values, (1...3).contains(numbers.count)
    else { return nil }
    let all = numbers + [0, 0]
    value = .radial(a: all[0], b: all[1], c: all[2])
  }
}
