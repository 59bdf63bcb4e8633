// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Meshes

/// One picture to be made: the camera, the meshes among the splats, and the images wanted.
package struct RenderRequest: Equatable, Sendable {
  /// The camera; its near and far planes hold for splats and meshes.
  package var camera: Camera
  /// The camera's pose; the world is the frame of the renderer's splats, metres.
  package var cameraFromWorld: RigidTransform
  /// The poses of a rolling shutter, by which pixels see; nil when the camera stands still.
  ///
  /// `cameraFromWorld`, which should be in their midst, still decides the splats' order and colours
  /// and the frame of normals.
  package var linePoses: LinePoses?
  /// The meshes, opaque; where two lie equally deep the earlier one is seen.
  package var meshes: [MeshInstance] = []
  /// The light on the meshes, and the exposure of the whole picture.
  package var illumination = Illumination()
  /// Whether meshes keep light from each other and from the splats around, and splats the sun from
  /// meshes.
  ///
  /// Shadows of sun and sky reach as far as four times the radius of a ball around all meshes. What
  /// splats show is darkened as a level surface at their mean depth would be.
  package var hasShadows = false
  /// Whether edges of meshes are soft in colour and alpha.
  ///
  /// Where a mesh ends before another, before splats or before itself, a pixel shows the mean of
  /// what four places in it do.
  /// All other images keep to what the pixel's centre sees. Not for requests that are seen by rays.
  package var softensMeshEdges = false
  /// What lies behind everything, display-referred sRGB, 0...1.
  package var backgroundSRGB = SIMD3<Float>.zero
  /// The training code whose rules the splats follow.
  package var profile = SplatProfile.gsplat
  /// The most splats that are drawn; nil draws all.
  ///
  /// Of more, those whose opacity times area on the image is least are left out and told of in
  /// `Rendering.droppedSplats`.
  package var splatBudget: Int?
  /// The class of each instance from 0 on; instances beyond have class 0.
  package var classes: [UInt32] = []
  /// The images wanted beside colour and alpha.
  package var outputs: RenderOutputs = []

  /// Makes a request for colour and alpha of the splats alone.
  package init(camera: Camera, cameraFromWorld: RigidTransform) {
    self.camera = camera
    self.cameraFromWorld = cameraFromWorld
  }
}

extension RenderRequest {
  /// Whether each pixel asks the splats along a ray of its own.
  ///
  /// Only a pinhole that stands still shows a splat as an ellipse; see `SplatProfile`.
  package var isSeenByRays: Bool {
    camera.lens != .pinhole || linePoses != nil || profile == .gut
  }
}

/// The poses of a camera whose shutter rolls: one for each line of the image.
package struct LinePoses: Equatable, Sendable {
  /// The poses while the lines are exposed: (rows, or columns, of the camera).
  package var cameraFromWorld: [RigidTransform]
  /// Whether a line is a column, and not a row.
  package var areColumns: Bool

  /// Makes the poses of all lines, from the top or from the left.
  package init(cameraFromWorld: [RigidTransform], areColumns: Bool = false) {
    self.cameraFromWorld = cameraFromWorld
    self.areColumns = areColumns
  }
}

/// The images a request can ask for beside colour and alpha.
package struct RenderOutputs: OptionSet, Sendable {
  /// The bits.
  package let rawValue: UInt16

  /// Makes a set from its bits.
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// `Rendering.depth`.
  package static let depth = RenderOutputs(rawValue: 1)
  /// `Rendering.instances`.
  package static let instances = RenderOutputs(rawValue: 2)
  /// `Rendering.floatColour`.
  package static let floatColour = RenderOutputs(rawValue: 4)
  /// `Rendering.medianDepth`.
  package static let medianDepth = RenderOutputs(rawValue: 8)
  /// `Rendering.firstDepth`.
  package static let firstDepth = RenderOutputs(rawValue: 16)
  /// `Rendering.normals`.
  package static let normals = RenderOutputs(rawValue: 32)
  /// `Rendering.coverage`.
  package static let coverage = RenderOutputs(rawValue: 64)
  /// `Rendering.semantics`.
  package static let semantics = RenderOutputs(rawValue: 128)
  /// `Rendering.owners`.
  package static let owners = RenderOutputs(rawValue: 256)
}

/// The training code whose conventions a scene's splats were made for.
///
/// Both blend front to back in display-referred sRGB, skip alpha below 1/255, blur by 0.3
/// pixel^2, and clamp colours at 0. Constants: `reference/splats.md`, section 3.1.
///
///     rule                     inria (2023)                    gsplat (main, 2026)
///     near plane               max(camera.near, 0.2), open     camera.near, closed
///     extent                   tiles of a 3-sigma square       where alpha reaches 1/255
///     largest alpha            0.99                            0.99
///     ends a pixel             T < 1e-4 would be left          T <= 1e-4 would be left
///     Jacobian's clamp         1.3 x half the field of view    image grown by 0.3 x half of it
///
/// INRIA's own code knows no principal point; here both profiles honour the camera's.
///
/// Both hold for a pinhole that stands still. Through any other lens, with a rolling shutter, and
/// in the profile `gut` always, a splat is seen in 3-D: along a pixel's ray its alpha is the
/// opacity times the largest value of its Gaussian on the ray, where it also has its depth, which
/// must lie within near ... far. Splats are blended in the order of the distances of their
/// centres. `inria` and `gsplat` then widen a splat by the blur of 0.3 pixel^2 at its depth, the
/// same in all directions, `gut` by nothing; `inria` has no square extent.
package enum SplatProfile: Equatable, Sendable {
  /// diff-gaussian-rasterization, `cuda_rasterizer/forward.cu`.
  case inria
  /// gsplat, `RasterizeToPixels3DGSDevice.cuh` and `ProjectionEWA3DGSFused.cu`.
  case gsplat
  /// 3DGUT: Wu et al., "Enabling distorted cameras and secondary rays in Gaussian splatting", 2025,
  /// with gsplat's constants.
  case gut
}

/// A mesh placed in the world.
package struct MeshInstance: Equatable, Sendable {
  /// The shape.
  package var mesh: PackedMesh
  /// The pose, applied after the scale.
  package var worldFromMesh: RigidTransform
  /// The poses of a mesh that moves while a shutter rolls: one for each of the request's
  /// `linePoses`; nil where it stands still.
  ///
  /// A pixel sees the mesh where it is when its line is exposed. `worldFromMesh`, which should be
  /// in their midst, still decides its light and its normals.
  package var linePoses: [RigidTransform]?
  /// The factors along the mesh's axes; finite and not zero, a negative one mirrors.
  package var scale: SIMD3<Float>
  /// The colour, display-referred sRGB 0...1, which is the factor on a texture; nil takes the
  /// mesh's own.
  package var colourSRGB: SIMD3<Float>?
  /// What the surface makes of light; at first what the mesh's own does.
  package var material: MeshMaterial
  /// The identifier written to the instance image; 0 counts as background.
  package var instanceID: UInt32
  /// Whether it keeps light from others; not so a ground, under which there is nothing, and which
  /// would have shadows be as coarse as it is wide.
  package var throwsShadow = true

  /// Places a mesh.
  package init(
    mesh: PackedMesh, worldFromMesh: RigidTransform, scale: SIMD3<Float> = SIMD3(repeating: 1),
    colourSRGB: SIMD3<Float>? = nil, instanceID: UInt32
  ) {
    self.mesh = mesh
    self.worldFromMesh = worldFromMesh
    self.scale = scale
    self.colourSRGB = colourSRGB
    material = mesh.mesh.material
    self.instanceID = instanceID
  }
}
