// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Geometry

/// How fine a picture should be, and what it may cost.
package struct CutRules: Equatable, Sendable {
  /// The error on the image that is too small to be seen, pixels.
  package var errorPixels = 1.0
  /// The most splats.
  package var splatBudget = 2_000_000
  /// The most bytes of splats ready to be drawn.
  package var byteBudget = Int.max
  /// The band in which a cell fades into its children, as a share of `errorPixels`; 0 for none.
  package var fadeBand = 0.3

  /// Makes the rules: what is finer than a pixel, at most two million splats.
  package init() {}
}

/// The cells that a camera should draw: a cut through the tree.
package struct SceneCut: Equatable, Sendable {
  /// A cell that is drawn.
  package struct Part: Equatable, Sendable {
    /// The cell.
    package var cell: SceneCell
    /// How much of it, 0...1: a splat of opacity a is drawn with `1 - (1 - a)^share`.
    ///
    /// A cell with the share s before its children with the share 1 - s covers what either would.
    package var share: Double
  }

  /// The cells, layer by layer, in the order of their keys.
  package var parts: [Part] = []
  /// The largest error on the image that the budget left, pixels; at most the one asked for unless
  /// the budget was met.
  package var errorPixels = 0.0

  /// Makes a cut without cells.
  package init() {}

  /// The number of splats of all parts.
  package var splatCount: Int { parts.reduce(0) { $0 + $1.cell.count } }
}

extension SceneFile {
  /// Chooses the cells that a camera should draw.
  ///
  /// From the roots down, the cell with the largest error on the image gives way to its children
  /// until every error is small enough or the budget would be passed; cells outside of the view are
  /// left out. The error on the image is the cell's, seen from the nearest point of its core.
  ///
  /// - Parameters:
  ///   - camera: the camera; a lens other than a pinhole sees in all directions here.
  ///   - poses: where it is while the picture is taken, at least once.
  ///   - rules: how fine, and the budget.
  ///   - composition: the layers that are there; what is replaced there is left out.
  /// - Returns: the cells, none where the camera sees none.
  /// - Throws: `InputError` where the file cannot be read.
  /// - Complexity: O(n log n) for n cells looked at; one query for the children of each that were
  ///   not asked for before.
  package func cut(
    camera: Camera, cameraFromScene poses: [RigidTransform], rules: CutRules,
    in composition: SceneComposition
  ) throws(InputError) -> SceneCut {
    precondition(!poses.isEmpty, "a camera is somewhere")
    let view = CutView(camera: camera, cameraFromScene: poses)
    var open = CandidateHeap()
    var closed: [SceneCut.Part] = []
    var count = 0
    func isSeen(_ cell: SceneCell) -> Bool {
      view.mayShow(cell.box) && composition.rules(of: cell.layer)?.replaces(cell.id) == false
    }
    for layer in composition.layers {
      for root in try roots(layer: layer.id) where isSeen(root) {
        open.insert(Candidate(root, view))
        count += root.count
      }
    }
    let mostSplats = min(rules.splatBudget, rules.byteBudget / (try bytesPerSplat))
    var cut = SceneCut()
    while let candidate = open.removeLargest() {
      // A leaf's error is 0.
      guard candidate.errorPixels > rules.errorPixels else {
        closed.append(SceneCut.Part(cell: candidate.cell, share: candidate.share))
        cut.errorPixels = max(cut.errorPixels, candidate.errorPixels)
        continue
      }
      let children = try children(of: candidate.cell).filter(isSeen)
      let added = children.reduce(0) { $0 + $1.count }
      let above = candidate.errorPixels / rules.errorPixels - 1
      let fade = rules.fadeBand > 0 ? min(above / rules.fadeBand, 1) : 1
      let kept = fade < 1 ? candidate.cell.count : 0
      guard count - candidate.cell.count + kept + added <= mostSplats else {
        closed.append(SceneCut.Part(cell: candidate.cell, share: candidate.share))
        cut.errorPixels = max(cut.errorPixels, candidate.errorPixels)
        continue
      }
      count += kept + added - candidate.cell.count
      if kept > 0 {
        closed.append(
          SceneCut.Part(cell: candidate.cell, share: candidate.share * (1 - fade)))
      }
      for child in children {
        open.insert(Candidate(child, view, share: candidate.share * fade))
      }
    }
    cut.parts = closed.sorted { $0.cell.name < $1.cell.name }
    return cut
  }
}

/// A cell that may give way to its children.
private struct Candidate {
  var cell: SceneCell
  var errorPixels: Double
  var share: Double

  init(_ cell: SceneCell, _ view: CutView, share: Double = 1) {
    self.cell = cell
    errorPixels = view.pixels(of: cell.error, in: cell.core)
    self.share = share
  }

  /// A total order: by error, then by layer and key.
  func isFinerThan(_ other: Candidate) -> Bool {
    errorPixels == other.errorPixels
      ? other.cell.name < cell.name : errorPixels < other.errorPixels
  }
}

/// Candidates of which the one with the largest error comes first.
private struct CandidateHeap {
  /// A binary heap: none is finer than the one at half of its place.
  private var items: [Candidate] = []

  mutating func insert(_ candidate: Candidate) {
    items.append(candidate)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2].isFinerThan(items[place]) {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeLargest() -> Candidate? {
    guard let largest = items.first, let last = items.popLast() else { return nil }
    guard !items.isEmpty else { return largest }
    items[0] = last
    var place = 0
    while 2 * place + 1 < items.count {
      var child = 2 * place + 1
      if child + 1 < items.count, items[child].isFinerThan(items[child + 1]) { child += 1 }
      guard items[place].isFinerThan(items[child]) else { break }
      items.swapAt(place, child)
      place = child
    }
    return largest
  }
}

/// What a camera makes of boxes from where it is while a picture is taken.
private struct CutView {
  private let views: [SingleView]

  init(camera: Camera, cameraFromScene poses: [RigidTransform]) {
    views = poses.map { SingleView(camera: camera, cameraFromScene: $0) }
  }

  /// Whether some of a box may be seen.
  func mayShow(_ box: AxisAlignedBox) -> Bool { views.contains { $0.mayShow(box) } }

  /// How large a length is on the image where it is largest in a box, pixels.
  func pixels(of length: Double, in box: AxisAlignedBox) -> Double {
    views.reduce(0) { max($0, $1.pixels(of: length, in: box)) }
  }
}

/// What a camera makes of boxes from one place.
private struct SingleView {
  private var planes: [(normal: SIMD3<Double>, offset: Double)] = []
  private let eye: SIMD3<Double>
  private let focal: Double
  private let near: Double

  init(camera: Camera, cameraFromScene: RigidTransform) {
    eye = cameraFromScene.inverse.translation
    focal = camera.focalLengthPixels.max()
    near = camera.near
    guard camera.lens == .pinhole else { return }
    let size = SIMD2(Double(camera.width), Double(camera.height))
    for axis in 0..<2 {
      var normal = SIMD3<Double>.zero
      normal[axis] = camera.focalLengthPixels[axis]
      normal.z = camera.principalPoint[axis]
      add(normal, cameraFromScene)
      normal[axis] = -camera.focalLengthPixels[axis]
      normal.z = size[axis] - camera.principalPoint[axis]
      add(normal, cameraFromScene)
    }
  }

  private mutating func add(_ normalInCamera: SIMD3<Double>, _ cameraFromScene: RigidTransform) {
    planes.append(
      (
        cameraFromScene.rotation.conjugate.rotate(normalInCamera),
        dot(normalInCamera, cameraFromScene.translation)
      ))
  }

  /// Whether some of a box may be seen.
  func mayShow(_ box: AxisAlignedBox) -> Bool {
    planes.allSatisfy { plane in
      let reach =
        abs(plane.normal.x) * box.size.x + abs(plane.normal.y) * box.size.y
        + abs(plane.normal.z) * box.size.z
      return dot(plane.normal, box.center) + plane.offset + reach / 2 >= 0
    }
  }

  /// How large a length is on the image where it is largest in a box, pixels.
  func pixels(of length: Double, in box: AxisAlignedBox) -> Double {
    let nearest = pointwiseMax(box.minimum, pointwiseMin(box.maximum, eye)) - eye
    let distance = (nearest * nearest).sum().squareRoot()
    return length * focal / max(distance, near)
  }
}
