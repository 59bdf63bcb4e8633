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
///
/// Depth is the camera's: along z, or from the eye through a lens that sees to its sides
/// (`Lens.depth`). Along rays (`RenderRequest.isSeenByRays`) a splat's depth at a pixel is where
/// its Gaussian is largest on the ray, and its normal that of the surface which these depths make.
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
  /// The depth along z at which half of the light is left, metres.
  ///
  /// It is that, at the pixel, of the splat that takes T below 1/2; else the mesh's; else 0. It
  /// lies on one surface, where the expected depth of two surfaces lies between them.
  package var medianDepth: ScalarImage
  /// The depth along z of the first surface, metres.
  ///
  /// It is where T falls below 0.9; else the mesh's; else 0. What is in front of it takes less than
  /// a tenth of the light.
  package var firstDepth: ScalarImage
  /// The unit normal towards the eye, in the camera's frame; zero where alpha is below 1/2.
  ///
  /// The mean of the normals of splats and mesh by their weights, made unit. A splat's is that of
  /// the plane that its depths describe, so normals are those of the depth image.
  package var normals: VectorImage
  /// The instance with the largest share of the pixel.
  ///
  /// Shares are sums of weights over the splats of an instance; what lies behind the splats, a mesh
  /// or background as 0, has the share T and wins where shares are equal; else the one met first.
  /// Exact for up to four instances of splats in a pixel: a fifth takes the place of that with the
  /// smallest share so far if its splat weighs more.
  package var instances: LabelImage
  /// The share of `instances`, 0...1.
  package var coverage: ScalarImage
  /// The class with the largest share; shares of instances of a class are added.
  package var semantics: LabelImage
  /// Whose surface the median depth is: 0 nothing's, 1 the splats', 2 + k that of the request's
  /// mesh k.
  package var owners: LabelImage
  /// The splats that the budget left out: indices in the cloud, counted on from part to part,
  /// ascending.
  package var droppedSplats: [UInt32] = []
  /// The colour before rounding: [height x width x 3], row-major, exposure applied.
  package var floatColour: [Float]

  /// Makes the images that a request asks for, without content.
  init(request: RenderRequest) {
    func size(_ output: RenderOutputs) -> (width: Int, height: Int) {
      request.outputs.contains(output) ? (request.camera.width, request.camera.height) : (0, 0)
    }
    func scalar(_ output: RenderOutputs) -> ScalarImage {
      ScalarImage(width: size(output).width, height: size(output).height)
    }
    func labels(_ output: RenderOutputs) -> LabelImage {
      LabelImage(width: size(output).width, height: size(output).height)
    }
    let (width, height) = (request.camera.width, request.camera.height)
    colour = RGBImage(width: width, height: height)
    alpha = ScalarImage(width: width, height: height)
    depth = scalar(.depth)
    medianDepth = scalar(.medianDepth)
    firstDepth = scalar(.firstDepth)
    normals = VectorImage(width: size(.normals).width, height: size(.normals).height)
    instances = labels(.instances)
    coverage = scalar(.coverage)
    semantics = labels(.semantics)
    owners = labels(.owners)
    let floats = size(.floatColour)
    floatColour = Array(repeating: 0, count: floats.width * floats.height * 3)
  }
}
