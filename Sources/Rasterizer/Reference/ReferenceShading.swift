// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes

/// What a mesh's surface shows in a light without shadows, in doubles.
struct ReferenceShading {
  private let albedo: SIMD3<Double>
  private let material: MeshMaterial
  private let sky: EnvironmentLight
  private let sun: SIMD3<Double>
  private let toSun: SIMD3<Double>?

  init(_ instance: MeshInstance, _ light: Illumination) {
    let colour = SIMD3<Double>(instance.colourSRGB ?? instance.mesh.mesh.colourSRGB)
    albedo = SIMD3(
      SRGB.exactDecode(colour.x), SRGB.exactDecode(colour.y), SRGB.exactDecode(colour.z))
    material = instance.material
    sky = light.sky
    sun = SIMD3<Double>(light.sun)
    let direction = SIMD3<Double>(light.sunDirection)
    toSun = length(direction) > 0 ? normalize(direction) : nil
  }

  /// The colour, display-referred sRGB; normal and `toEye` are unit vectors of the world, `painted`
  /// is the light of a texture.
  func colour(
    normal: SIMD3<Double>, toEye: SIMD3<Double>, painted: SIMD3<Double> = SIMD3(1, 1, 1)
  ) -> SIMD3<Double> {
    let albedo = albedo * painted
    let metallic = Double(material.metallic)
    let dielectric = Double(material.specular) * (1 - metallic)
    // What is reflected head-on, and at grazing angles.
    let headOn = SIMD3(repeating: 0.04 * dielectric) + metallic * albedo
    let grazing = dielectric + metallic
    let facing = max(dot(normal, toEye), 1e-4)
    let (scale, bias) = skyReflection(facing: facing)
    let reflects = headOn * scale + grazing * bias
    let matt = (1 - metallic) * albedo * (1 - reflects)
    let direction = 2 * dot(normal, toEye) * normal - toEye
    var light =
      matt * sky.light(onNormal: normal)
      + reflects * sky.mirrored(from: direction, roughness: Double(material.roughness))
    if let toSun {
      let cosine = max(0, dot(normal, toSun))
      light += sun * cosine * matt
      light += sun * sunReflection(normal, toEye, toSun, headOn: headOn, grazing: grazing)
    }
    return SIMD3(
      SRGB.exactEncode(light.x), SRGB.exactEncode(light.y), SRGB.exactEncode(light.z))
  }

  /// Karis' approximation of what a surface reflects of an even sky: scale and bias of `headOn`.
  private func skyReflection(facing: Double) -> (scale: Double, bias: Double) {
    let r = Double(material.roughness)
    let x = 1 - r
    let a004 = min(x * x, exp2(-9.28 * facing)) * x + 0.0425 - 0.0275 * r
    return (1.04 - 0.572 * r - 1.04 * a004, max(0, 1.04 * a004 - 0.04 + 0.022 * r))
  }

  /// What a surface reflects of a sun of 1: pi times GGX's response times the cosine.
  private func sunReflection(
    _ normal: SIMD3<Double>, _ toEye: SIMD3<Double>, _ toSun: SIMD3<Double>,
    headOn: SIMD3<Double>, grazing: Double
  ) -> SIMD3<Double> {
    let half = normalize(toEye + toSun)
    let alpha = max(Double(material.roughness) * Double(material.roughness), 0.002)
    let (l, v) = (max(0, dot(normal, toSun)), max(dot(normal, toEye), 1e-4))
    let h = max(0, dot(normal, half))
    let distribution = alpha * alpha / pow(h * h * (alpha * alpha - 1) + 1, 2)
    let visible = 0.5 / max(2 * l * v * (1 - alpha) + (l + v) * alpha, 1e-6)
    let fresnel = pow(1 - max(0, dot(toSun, half)), 5)
    return (headOn + (SIMD3(repeating: grazing) - headOn) * fresnel) * distribution * visible * l
  }
}
