// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
package import Files
import Geometry
import ImageFiles
import Images
import Rasterizer
import Simulation
package import Splats
package import Worlds

/// Turns a rollout into the episode of a dataset: it makes the pictures and encodes them.
///
/// Belongs to one thread. Each camera has a renderer of its own, so that one that stands still
/// draws the splats anew only where something moved in front of them; what is seen at one moment is
/// drawn together, so that its shadows are drawn once.
package final class EpisodeRecorder {
  private let world: World
  private let seed: UInt64
  private let renderers: [Renderer]
  /// The light of the splats around the robot; nil where it sees none.
  private let surroundings: EnvironmentLight?

  /// Makes a recorder for a run's episodes.
  package init(world: World, seed: UInt64, splats: PackedSplats) {
    self.world = world
    self.seed = seed
    let first = Renderer(splats: splats)
    renderers = world.cameras.indices.map { $0 == 0 ? first : Renderer(beside: first) }
    let place = world.robot.worldFromBase.translation + SIMD3(0, 0, Self.shoulderHeight)
    let light = Renderer(splats: splats).light(at: place, clearance: Self.shoulderHeight).sky
    surroundings = light == EnvironmentLight(uniform: .zero) ? nil : light
  }

  /// Where the light around a robot is looked at, metres above its base.
  private static let shoulderHeight = 0.3

  /// Films an episode.
  ///
  /// - Parameters:
  ///   - rollout: What happened.
  ///   - draw: What was drawn for it.
  ///   - index: The episode's index in the run.
  ///   - isWanted: Asked before each picture; false stops.
  /// - Returns: The episode, or nil when it was stopped.
  /// - Throws: `InputError` when a frame cannot be encoded.
  package func record(
    _ rollout: Rollout, draw: EpisodeDraw, as index: Int, while isWanted: () -> Bool = { true }
  ) throws(InputError) -> EpisodeRecord? {
    var (cameras, films): ([EpisodeCamera], [CameraFilm]) = ([], [])
    for (index, placement) in world.cameras.enumerated() {
      cameras.append(
        EpisodeCamera(
          placement, shift: draw.cameras[index], light: draw.light, surroundings: surroundings))
      films.append(try CameraFilm(placement, frameRate: world.time.controlRate))
    }
    for period in rollout.periods {
      let meshes = rollout.looks.meshes(at: period.looks)
      for index in cameras.indices {
        guard isWanted() else { return nil }
        let request = cameras[index].request(
          worldFromCarrier: period.carriers[index], meshes: meshes)
        try films[index].expose(renderers[index].render(request))
      }
    }
    var columns = DatasetFeature.numbers(of: rollout)
    for film in films { columns += try film.develop() }
    return EpisodeRecord(
      index: index, seed: seed, attempt: draw.attempt, task: draw.instruction,
      isSuccess: rollout.isSuccess, draw: try draw.json, frameCount: rollout.periods.count,
      columns: columns)
  }
}

/// The encoded pictures of one camera over one episode.
private final class CameraFilm {
  private let outputs: Set<CameraOutput>
  /// Nil once the film is developed.
  private var encoder: VideoEncoder?
  private var colours = ImageHistogram(channelCount: 3, bitDepth: 8)
  private var depthFiles: [[UInt8]] = []
  private var depths = ImageHistogram(channelCount: 1, bitDepth: 16)
  private var labelFiles: [[UInt8]] = []
  private var labels = ImageHistogram(channelCount: 1, bitDepth: 8)

  init(_ camera: CameraPlacement, frameRate: Int) throws(InputError) {
    outputs = camera.outputs
    encoder = try VideoEncoder(
      width: camera.lens.width, height: camera.lens.height, fpsNumerator: frameRate)
  }

  func expose(_ rendering: Rendering) throws(InputError) {
    if outputs.contains(.rgb) {
      try encoder?.append(rendering.colour)
      colours.add(samples: rendering.colour.bytes)
    }
    if outputs.contains(.depth) {
      let depth = rendering.depth
      let millimetres = PNG.millimetres(of: depth)
      depths.add(samples: millimetres)
      depthFiles.append(
        PNG.encode(millimetres: millimetres, width: depth.width, height: depth.height))
    }
    if outputs.contains(.instances) {
      labels.add(samples: rendering.instances.ids.map { UInt8(truncatingIfNeeded: $0) })
      labelFiles.append(PNG.encode(rendering.instances, bits: .eight))
    }
  }

  /// The columns; to be asked for once.
  func develop() throws(InputError) -> [EpisodeColumn] {
    var columns: [EpisodeColumn] = []
    if let encoder = encoder.take(), outputs.contains(.rgb) {
      columns.append(.video(try encoder.finish(), colours))
    }
    if outputs.contains(.depth) { columns.append(.images(depthFiles, depths)) }
    if outputs.contains(.instances) { columns.append(.images(labelFiles, labels)) }
    return columns
  }
}
