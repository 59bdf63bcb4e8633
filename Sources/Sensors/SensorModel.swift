// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What a camera does to the light that its lens collects.
///
/// The linear model of EMVA 1288 (release 4.0, section 2): light l, in a `LinearImage`'s unit,
/// frees on average `l * exposure * vignetting * fullWellElectrons` electrons in a pixel. How many
/// there are is a Poisson variable; the well holds no more than `fullWellElectrons`; reading them
/// adds a normal error of deviation `readNoiseElectrons`. The number that is read is
///
///     blackLevel + electrons * gain * (2^bitDepth - 1 - blackLevel) / fullWellElectrons
///
/// rounded and clipped to 0...2^bitDepth - 1. So with an exposure and a gain of 1, light 1 just
/// fills the well and gives the largest number; an exposure of 1/16 at a gain of 16 gives a
/// picture as bright with four times the shot noise.
package struct SensorModel: Equatable, Sendable {
  /// The factor on the light: time and aperture; at least 0.
  package var exposure = 1.0
  /// The factor on the signal after the well; positive.
  package var gain = 1.0
  /// The electrons that a pixel holds; positive.
  package var fullWellElectrons = 10_000.0
  /// The standard deviation of the noise of reading, electrons; at least 0.
  package var readNoiseElectrons = 2.5
  /// The bits of a raw value, 8...16.
  package var bitDepth = 12
  /// The raw value of no light, below 2^bitDepth - 1: noise goes to both its sides.
  package var blackLevel = 64
  /// How the light falls off towards the edges.
  package var vignetting = Vignetting.none
  /// The colours of the pixels; nil for a sensor that measures all three at each.
  package var mosaic: BayerPattern? = .rggb
  /// What the picture loses in a file; nil for nothing.
  package var jpeg: JPEGLoss?

  /// Makes the sensor of a small industrial camera: 10 000 electrons, 12 bits, RGGB.
  package init() {}
}

/// The numbers that a sensor reads out.
package struct RawImage: Equatable, Sendable {
  /// The number of columns.
  package let width: Int
  /// The number of rows.
  package let height: Int
  /// The colours of the pixels; nil where each measures all three.
  package let mosaic: BayerPattern?
  /// The numbers: [height x width], or [height x width x 3] without a mosaic; row-major.
  package var values: [UInt16]
}
