// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Rasterizer
package import Worlds

/// A camera of an episode: where it really is, and the light it works in.
package struct EpisodeCamera: Sendable {
  /// The camera as the world file has it.
  package let placement: CameraPlacement
  /// The camera in the frame that carries it, after the draw's shift.
  package let bodyFromCamera: RigidTransform
  private let illumination: Illumination

  /// Makes the camera of a draw.
  ///
  /// The draw's sky light has the colours and the directions of `surroundings`, if there are any.
  package init(
    _ placement: CameraPlacement, shift: CameraShift, light: DrawnLight,
    surroundings: EnvironmentLight? = nil
  ) {
    self.placement = placement
    let angle = length(shift.rotation)
    bodyFromCamera =
      placement.bodyFromCamera
      * RigidTransform(
        rotation: Quaternion(angle: angle, axis: shift.rotation), translation: shift.position)
    var illumination = Illumination(light)
    if let surroundings {
      illumination.sky = surroundings.scaled(toMeanLuminance: Float(light.ambient))
    }
    self.illumination = illumination
  }

  /// Returns the request for a picture with the carrier and the meshes where they are.
  package func request(worldFromCarrier: RigidTransform, meshes: [MeshInstance]) -> RenderRequest {
    var request = RenderRequest(
      camera: placement.lens, cameraFromWorld: (worldFromCarrier * bodyFromCamera).inverse)
    request.meshes = meshes
    request.illumination = illumination
    request.hasShadows = true
    if placement.outputs.contains(.depth) { request.outputs.insert(.depth) }
    if placement.outputs.contains(.instances) { request.outputs.insert(.instances) }
    return request
  }
}

extension Illumination {
  /// Makes the light of a draw: white sky, white sun.
  init(_ light: DrawnLight) {
    let horizontal = light.sunElevation.cosine
    self.init(
      sky: EnvironmentLight(uniform: SIMD3(repeating: Float(light.ambient))),
      sunDirection: SIMD3(
        Float(horizontal * light.sunAzimuth.cosine), Float(horizontal * light.sunAzimuth.sine),
        Float(light.sunElevation.sine)),
      sun: SIMD3(repeating: Float(light.sun)), exposure: Float(light.exposure))
  }
}
