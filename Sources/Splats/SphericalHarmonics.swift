// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// The real spherical harmonics that colour a splat by viewing direction, degrees 0...4.
///
/// Basis functions stand in the order l = 0, 1, ..., and within a degree m = -l...l; their signs
/// are those of the training code, (-1)^m times the textbook's (Kerbl et al. 2023, after Sloan,
/// "Efficient spherical harmonic evaluation", JCGT 2013; constants as in gsplat
/// `_torch_impl.py::_eval_sh_bases_fast`). They are orthonormal over the sphere.
package enum SphericalHarmonics {
  /// The value of the degree-0 function: 1 / (2 sqrt(pi)).
  package static let c0 = 0.282_094_791_773_878_14
  /// The highest degree.
  package static let maximumDegree = 4

  /// Returns all (degree + 1)^2 basis functions at a unit direction.
  package static func basis(_ direction: SIMD3<Double>, degree: Int) -> [Double] {
    precondition((0...maximumDegree).contains(degree), "SH degree \(degree) is outside 0...4")
    let (x, y, z) = (direction.x, direction.y, direction.z)
    let (xx, yy, zz) = (x * x, y * y, z * z)
    var values = [c0]
    if degree >= 1 {
      let c1 = 0.488_602_511_902_919_92
      values += [-c1 * y, c1 * z, -c1 * x]
    }
    if degree >= 2 {
      values += [
        1.092_548_430_592_079_2 * x * y, -1.092_548_430_592_079_2 * y * z,
        0.946_174_695_757_560_1 * zz - 0.315_391_565_252_520_05,
        -1.092_548_430_592_079_2 * x * z, 0.546_274_215_296_039_6 * (xx - yy),
      ]
    }
    if degree >= 3 {
      values += [
        -0.590_043_589_926_643_5 * y * (3 * xx - yy), 2.890_611_442_640_554 * x * y * z,
        -0.457_045_799_464_465_8 * y * (4 * zz - xx - yy),
        0.373_176_332_590_115_4 * z * (2 * zz - 3 * xx - 3 * yy),
        -0.457_045_799_464_465_8 * x * (4 * zz - xx - yy),
        1.445_305_721_320_277 * z * (xx - yy), -0.590_043_589_926_643_5 * x * (xx - 3 * yy),
      ]
    }
    if degree >= 4 {
      values += [
        2.503_342_941_796_704_6 * x * y * (xx - yy),
        -1.770_130_769_779_930_4 * y * z * (3 * xx - yy),
        0.946_174_695_757_560_1 * x * y * (7 * zz - 1),
        -0.669_046_543_557_289_2 * y * z * (7 * zz - 3),
        0.105_785_546_915_204_31 * (zz * (35 * zz - 30) + 3),
        -0.669_046_543_557_289_2 * x * z * (7 * zz - 3),
        0.473_087_347_878_780_04 * (xx - yy) * (7 * zz - 1),
        -1.770_130_769_779_930_4 * x * z * (xx - 3 * yy),
        0.625_835_735_449_176_1 * (xx * (xx - 3 * yy) - yy * (3 * xx - yy)),
      ]
    }
    return values
  }
}

extension SplatCloud {
  /// Returns the display colour of one splat seen along a direction, sRGB, not clamped above.
  ///
  /// The direction runs from the camera to the splat in the cloud's frame, as the training code has
  /// it; it need not have length one. This is the readable twin of the rasteriser's kernel.
  package func colour(of index: Int, seenAlong direction: SIMD3<Float>) -> SIMD3<Float> {
    let basis = SphericalHarmonics.basis(
      normalize(SIMD3<Double>(direction)), degree: shDegree)
    var colour = SIMD3<Double>(repeating: 0.5) + basis[0] * SIMD3<Double>(sh0[index])
    for k in 0..<restCoefficientCount {
      let start = (index * restCoefficientCount + k) * 3
      let coefficient = SIMD3(shRest[start], shRest[start + 1], shRest[start + 2])
      colour += basis[k + 1] * SIMD3<Double>(coefficient)
    }
    return SIMD3<Float>(pointwiseMax(colour, .zero))
  }
}
