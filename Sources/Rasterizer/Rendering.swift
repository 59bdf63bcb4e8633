// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Images

/// The images of one request, all of the camera's size; those not asked for are 0 x 0.
///
/// With w the weights of a pixel's splats (alpha times transmittance), z their depths at the
/// pixel's centre, and T what their alphas let through:
///
/// - splats are blended in the order of their centres' depths, the same for all pixels;
/// - a mesh hides, pixel by pixel, every splat whose depth there is its own or more;
/// - behind the splats, weighted by T, comes the nearest mesh, or the background;
/// - the sums stop where one more splat would leave less than 1e-4 of the light.
package struct Rendering: Equatable, Sendable {
  /// The colour, sRGB: `floor(255 * clamp(value, 0, 1) + 0.5)`, NaN as 0.
  package var colour: RGBImage
  /// The opacity in 0...1: `1 - T`, and 1 where a mesh lies behind.
  package var alpha: ScalarImage
  /// The expected depth along the camera's z axis, metres; 0 where alpha is below 1/2.
  ///
  /// `(sum w z + T zMesh) / alpha`: gsplat's "ED", but with the depth of a splat at the pixel
  /// instead of its centre's, so that flat splats on a slanted plane give the plane's depth.
  /// Given an offset d from the splat's mean on the image, a Gaussian under the same local affine
  /// projection as its footprint has the mean depth `z0 + g . d`, `g = Sigma_zu Sigma_uu^-1` with
  /// the covariance before the blur (cf. Zhang et al., "RaDe-GS", 2024). As on a plane it is the
  /// inverse depth that is linear in pixels, z is `z0 (1 + s + s^2)` with `s = g . d / z0`. g is
  /// reduced where it would lead further than 5 deviations or half of z0 from the centre: splats
  /// seen edge-on, or as small as a pixel.
  package var depth: ScalarImage
  /// The instance that is seen most.
  ///
  /// Where T is at least 1/2, what lies behind the splats wins: the mesh's identifier, or 0. Else
  /// the splat with the largest single weight wins, the nearer of two equals; that is cheaper than
  /// summing the weights of each instance, and differs from it only where instances mix.
  package var instances: LabelImage
  /// The colour before rounding: [height x width x 3], row-major, exposure applied.
  package var floatColour: [Float]

  /// Makes the images that a request asks for, without content.
  init(request: RenderRequest) {
    let (width, height) = (request.camera.width, request.camera.height)
    let wantsDepth = request.outputs.contains(.depth)
    let wantsInstances = request.outputs.contains(.instances)
    let wantsFloats = request.outputs.contains(.floatColour)
    colour = RGBImage(width: width, height: height)
    alpha = ScalarImage(width: width, height: height)
    depth = wantsDepth ? alpha : ScalarImage(width: 0, height: 0)
    instances = LabelImage(width: wantsInstances ? width : 0, height: wantsInstances ? height : 0)
    floatColour = Array(repeating: 0, count: wantsFloats ? width * height * 3 : 0)
  }
}
