// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
package import Splats

/// Draws splats, with meshes among them, picture after picture.
///
/// Splats are one cloud, or parts that each have a place of their own: pages of a scene too large
/// for the memory, which may be others in each picture.
///
/// Keeps its memory between pictures, and for a camera that stands still the splats' order and
/// their finished tiles too, so that only tiles touched by meshes are drawn again. The images are
/// the same bytes for any thread count and for any earlier requests. One thread uses a renderer at
/// a time; simulation threads have one each and share the packed splats.
///
/// Cost on one busy core of a Xeon with AVX-512 (2023), CPU time: 200 k splats of degree 3 with a
/// robot of 20 k triangles at 256 x 256, 17 ms when the camera moves and 2 ms when it stands; a
/// million splats at 1280 x 720, 142 ms. `Tests/Performance/splats.sh` measures the last again.
package final class Renderer {
  /// The splats that are drawn; of those equally deep, an earlier part's come first.
  package var parts: [PlacedSplats]
  /// Called at the end of each stage of each picture, for whoever holds a clock.
  package var stageEnded: ((RenderStage) -> Void)?
  private let threadCount: Int
  /// The kernels' memory; for tests, which look into it.
  let frame: KernelFrame
  private var view: View?
  private var still: StillImages?

  /// Makes a renderer that uses up to `threadCount` threads.
  package convenience init(splats: PackedSplats, threadCount: Int = 1) {
    self.init(parts: [PlacedSplats(splats)], threadCount: threadCount)
  }

  /// Makes a renderer of splats in several places.
  package init(parts: [PlacedSplats], threadCount: Int = 1) {
    precondition(threadCount > 0, "a renderer needs a thread")
    self.parts = parts
    self.threadCount = threadCount
    frame = KernelFrame(threadCount: threadCount, shadows: nil)
  }

  /// Makes a renderer of the same splats for another camera of the same world.
  ///
  /// Both belong to one thread. What their requests agree on, the meshes and the light, throws
  /// shadows that are drawn once for both; so the pictures of one moment follow each other.
  package init(beside other: Renderer) {
    parts = other.parts
    threadCount = other.threadCount
    frame = KernelFrame(threadCount: threadCount, shadows: other.frame.shadows)
  }

  /// The instruction set that the kernels run on, such as "AVX3".
  ///
  /// Pictures are the same bytes wherever it is the same, and between those with a fused
  /// multiply-add (AVX2 and above). Between these and those without (SSE4, SSSE3) they differ by
  /// rounding: in 60 seeded scenes up to 6 m deep, as ellipses and by rays, colours, alphas, shares
  /// and normals by less than 2.5e-4, depths by less than 1 mm, 8-bit colours by at most 1, labels
  /// nowhere. Elsewhere an alpha near 1/255, or a transmittance near a threshold, may also fall on
  /// either side of it.
  package static var instructionSet: String { KernelFrame.targetName }

  /// Forbids every instruction set above the one named; returns false when it is not there.
  ///
  /// For pictures that another computer is to make again, byte for byte. For the whole process, and
  /// to be called before the first picture.
  package static func limit(toInstructionSet name: String) -> Bool {
    KernelFrame.useTarget(named: name)
  }

  /// Draws a picture.
  ///
  /// Defined for any pose: what is not finite is not drawn.
  package func render(_ asked: RenderRequest) -> Rendering {
    let request = Self.checked(asked)
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let frustum = Frustum(
      camera: request.camera, cameraFromWorld: request.cameraFromWorld, rules: rules)
    let standsStill = look(request, rules, frustum)
    // Rays know better than the planes of a pinhole where a mesh may be seen.
    let visible = request.meshes.indices.filter { index in
      if request.isSeenByRays { return true }
      let instance = request.meshes[index]
      let bounds = instance.mesh.bounds
      let scale = SIMD3<Double>(instance.scale)
      return frustum.mayShow(
        center: instance.worldFromMesh * (bounds.center * scale),
        radius: length(bounds.size / 2 * scale))
    }
    frame.setMeshes(visible.map { request.meshes[$0] }, request, rules)
    frame.setShadows(request, parts)
    stageEnded?(.meshes)
    var rendering = standsStill ? drawStill(request) : drawAll(request)
    rendering.droppedSplats = frame.droppedSplats
    if visible.count < request.meshes.count {
      // The kernels count the meshes that may be seen.
      for (pixel, owner) in rendering.owners.ids.enumerated() where owner >= 2 {
        rendering.owners.ids[pixel] = UInt32(2 + visible[Int(owner) - 2])
      }
    }
    stageEnded?(.tiles)
    return rendering
  }

  /// Adds to `gradients` how a loss changes with the splats, given how it changes with the pixels.
  ///
  /// `cloud` is the one that was packed. The pixels are those that `render` gives for the request,
  /// which has no meshes; after it, with the camera where it was, the splats are not projected
  /// again. The derivative is that of the picture as it is drawn, for the order in which splats are
  /// blended: an alpha below 1/255, one that is cut to the largest, a colour that is cut at zero
  /// and what a finished pixel would have seen change nothing. The sums are the same bytes for any
  /// thread count.
  ///
  /// - Complexity: about three times the tiles of `render`, 52 bytes for each splat in each tile,
  /// and   a walk over the gradients of what is seen, which is twice as fast where the cloud's
  /// order is   that of places in space.
  package func addGradients(
    of asked: RenderRequest, pixels: ImageGradients, cloud: SplatCloud,
    to gradients: inout SplatGradients
  ) {
    let request = Self.checked(asked)
    precondition(
      request.meshes.isEmpty && !request.isSeenByRays,
      "gradients are those of splats alone, seen by a still pinhole")
    guard parts.count == 1, parts[0] == PlacedSplats(parts[0].splats) else {
      preconditionFailure("gradients are those of one cloud in its place")
    }
    let splats = parts[0].splats
    precondition(
      cloud.count == splats.count + splats.omittedCount, "the renderer draws another cloud")
    pixels.check(width: request.camera.width, height: request.camera.height)
    gradients.check(cloud)
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let frustum = Frustum(
      camera: request.camera, cameraFromWorld: request.cameraFromWorld, rules: rules)
    _ = look(request, rules, frustum)
    frame.walkBack(request, pixels)
    stageEnded?(.tilesBackward)
    frame.undoProjection(splats, cloud, to: &gradients)
    stageEnded?(.projectBackward)
  }

  /// The request with a rotation of length one; traps where it cannot be drawn.
  private static func checked(_ asked: RenderRequest) -> RenderRequest {
    var request = asked
    request.cameraFromWorld.rotation = asked.cameraFromWorld.rotation.normalized
    precondition(
      request.camera.width <= largestSize && request.camera.height <= largestSize,
      "an image has at most \(largestSize) columns and rows")
    precondition(
      request.linePoses != nil || request.meshes.allSatisfy { $0.linePoses == nil },
      "a mesh moves while a shutter rolls")
    precondition(
      !request.softensMeshEdges || !request.isSeenByRays,
      "edges are softened for a pinhole that stands still")
    precondition(request.splatBudget ?? 0 >= 0, "a budget is not negative")
    return request
  }

  /// Brings the splats into the tiles unless they are there; returns whether they were.
  private func look(_ request: RenderRequest, _ rules: ViewRules, _ frustum: Frustum) -> Bool {
    let wanted = View(request, parts)
    guard wanted != view else { return true }
    prepareSplats(request, rules, frustum)
    view = wanted
    still = nil
    return false
  }

  /// Forgets the last view, so that the next picture is drawn from the start.
  func forget() { view = nil }

  /// The most columns and rows of an image, so that tiles and pixels fit their integers.
  private static let largestSize = 16_384

  private func prepareSplats(_ request: RenderRequest, _ rules: ViewRules, _ frustum: Frustum) {
    frame.setCamera(request, rules)
    let groups = frustum.visibleGroups(of: parts, isSeenByRays: request.isSeenByRays)
    frame.project(parts, groups: groups, request.cameraFromWorld)
    stageEnded?(.project)
    frame.sortByDepth(budget: request.splatBudget)
    stageEnded?(.sort)
    frame.listByTile()
    stageEnded?(.bin)
  }

  private func drawAll(_ request: RenderRequest) -> Rendering {
    var rendering = Rendering(request: request)
    frame.draw(tiles: Array(0..<frame.tileCount), request, to: &rendering)
    return rendering
  }

  /// Draws the second and later pictures of a camera that stands still.
  ///
  /// Fast path: tiles without meshes are drawn once and copied from then on; shadows that fall on
  /// them are put over what their splats add up to, which is kept.
  private func drawStill(_ request: RenderRequest) -> Rendering {
    let style = StillStyle(request)
    var images: StillImages
    if let kept = still, kept.style == style {
      images = kept
    } else {
      images = StillImages(style: style, request: request, tileCount: frame.tileCount)
    }
    still = nil  // the only owner draws without a copy
    let open = (0..<frame.tileCount).filter { !frame.meshTouches(tile: $0) }
    let missing = open.filter { !images.isDrawn[$0] }
    frame.draw(tiles: missing, request, keepsSums: style.hasShadows, to: &images.rendering)
    for tile in missing { images.isDrawn[tile] = true }
    still = images
    var rendering = images.rendering
    let touched = (0..<frame.tileCount).filter { frame.meshTouches(tile: $0) }
    frame.draw(tiles: touched, request, to: &rendering)
    frame.shade(tiles: open.filter { frame.shadowTouches(tile: $0) }, request, to: &rendering)
    return rendering
  }
}

/// A part of the work of one picture, in order.
package enum RenderStage: String, CaseIterable, Sendable {
  /// Culling and projection of splats; skipped while the camera stands still.
  case project
  /// The sort by depth; skipped while the camera stands still.
  case sort
  /// The lists of the tiles; skipped while the camera stands still.
  case bin
  /// Meshes up to the lists of the tiles.
  case meshes
  /// Blending, tile by tile.
  case tiles
  /// Of gradients: blending undone, tile by tile.
  case tilesBackward
  /// Of gradients: projection undone, splat by splat.
  case projectBackward
}

/// What decides which splats are seen, where and in which order.
private struct View: Equatable {
  var parts: [PlacedSplats]
  var camera: Camera
  var cameraFromWorld: RigidTransform
  var linePoses: LinePoses?
  var profile: SplatProfile
  var splatBudget: Int?

  init(_ request: RenderRequest, _ parts: [PlacedSplats]) {
    self.parts = parts
    splatBudget = request.splatBudget
    camera = request.camera
    cameraFromWorld = request.cameraFromWorld
    linePoses = request.linePoses
    profile = request.profile
  }
}

/// What else decides the bytes of a tile without meshes.
private struct StillStyle: Equatable {
  var backgroundSRGB: SIMD3<Float>
  var exposure: Float
  var outputs: RenderOutputs
  var classes: [UInt32]
  /// Decides no byte, but what is kept.
  var hasShadows: Bool

  init(_ request: RenderRequest) {
    hasShadows = request.hasShadows
    classes = request.classes
    backgroundSRGB = request.backgroundSRGB
    exposure = request.illumination.exposure
    outputs = request.outputs
  }
}

/// Finished tiles of a camera that stands still, without meshes.
private struct StillImages {
  var style: StillStyle
  var rendering: Rendering
  var isDrawn: [Bool]

  init(style: StillStyle, request: RenderRequest, tileCount: Int) {
    self.style = style
    rendering = Rendering(request: request)
    isDrawn = Array(repeating: false, count: tileCount)
  }
}
