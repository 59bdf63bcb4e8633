// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
package import Files
package import Parallel
import Physics
package import Rasterizer
package import Simulation
import Synchronization
package import Worlds

/// The main job: episodes of one world, played and recorded on several threads, as one dataset.
///
/// An episode depends on the world, the seed and its index alone, is stored the moment it is
/// finished, and the dataset is put together from the stored episodes in their order. So neither
/// threads nor interruptions leave a trace in the bytes.
package struct DatasetJob: Sendable {
  /// What is played.
  package var world: World
  /// The splats around the robot.
  package var splats: PackedSplats
  /// The meshes of the scene.
  package var scenery: [Scenery]
  /// The robot's model file.
  package var robotFile: String
  /// What decides the dataset's bytes.
  package var run: DatasetRun
  /// How many episodes are played at once.
  package var threadCount: Int

  /// Makes a job.
  package init(
    world: World, splats: PackedSplats, scenery: [Scenery], robotFile: String, run: DatasetRun,
    threadCount: Int
  ) {
    precondition(threadCount > 0, "a job needs a thread")
    self.world = world
    self.splats = splats
    self.scenery = scenery
    self.robotFile = robotFile
    self.run = run
    self.threadCount = threadCount
  }

  /// Plays the episodes that are missing and stores each when it is finished.
  ///
  /// - Parameters:
  ///   - episodes: The indices that are missing.
  ///   - staging: Where they are stored.
  ///   - cancellation: Set to stop between frames; what is stored stays.
  ///   - finished: Called from any thread after an episode was stored.
  /// - Throws: The first `InputError` of any thread, such as a full disk.
  package func play(
    _ episodes: [Int], into staging: EpisodeStaging, cancellation: CancellationFlag,
    finished: @Sendable (EpisodeRecord) -> Void
  ) throws(InputError) {
    let wardrobe = MeshWardrobe()
    let next = Atomic<Int>(0)
    let failure = Mutex<InputError?>(nil)
    parallelFor(count: threadCount, threadCount: threadCount) { _, _ in
      do throws(InputError) {
        let robotSpec = try RobotFile.open(asset: world.robot.asset, file: robotFile)
        let recorder = EpisodeRecorder(world: world, splats: splats) { cancellation.isCancelled }
        while !cancellation.isCancelled {
          let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard place < episodes.count else { return }
          guard
            let record = try episode(
              episodes[place], robotSpec: robotSpec, wardrobe: wardrobe, recorder: recorder)
          else { return }
          try staging.publish(record)
          finished(record)
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        cancellation.cancel()
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Plays one episode, drawing again until the teacher succeeds or the attempts are used up.
  private func episode(
    _ index: Int, robotSpec: borrowing ModelSpec, wardrobe: MeshWardrobe,
    recorder: EpisodeRecorder
  ) throws(InputError) -> EpisodeRecord? {
    for attempt in 0..<world.attempts {
      guard
        let draw = EpisodeDraw.draw(
          world: world, seed: run.seed, episode: index, attempt: attempt)
      else {
        throw InputError(
          file: world.name, field: "task", found: "no free spots for all things",
          expected: "a larger reach or bearing, a smaller gap, or fewer distractors")
      }
      let rollout = try Rollout.play(
        draw, in: world, robotSpec: robotSpec, scenery: scenery, wardrobe: wardrobe)
      if rollout.isSuccess || attempt + 1 == world.attempts {
        return try recorder.record(rollout, draw: draw, seed: run.seed)
      }
    }
    preconditionFailure("a world has at least one attempt")
  }
}
