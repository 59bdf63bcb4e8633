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
  /// What physics knows of the scene.
  package var surroundings: Surroundings
  /// The robot's model file.
  package var robotFile: String
  /// What decides the dataset's bytes.
  package var run: DatasetRun
  /// How many episodes are played at once.
  package var threadCount: Int
  /// The meshes that all episodes share.
  package var wardrobe = MeshWardrobe()

  /// Makes a job.
  package init(
    world: World, splats: PackedSplats, surroundings: Surroundings, robotFile: String,
    run: DatasetRun, threadCount: Int
  ) {
    precondition(threadCount > 0, "a job needs a thread")
    self.world = world
    self.splats = splats
    self.surroundings = surroundings
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
    try onEachThread(of: episodes, cancellation) { next, robotSpec throws(InputError) in
      let recorder = EpisodeRecorder(world: world, splats: splats) { cancellation.isCancelled }
      while let index = next() {
        guard
          let record = try episode(
            index, robotSpec: robotSpec, recorder: recorder)
        else { return }
        try staging.publish(record)
        finished(record)
      }
    }
  }

  /// Plays the first attempt of every episode without pictures, for counting what succeeds.
  ///
  /// - Throws: The first `InputError` of any thread.
  package func rehearse(
    _ watched: @Sendable (EpisodeDraw, Rollout) -> Void
  ) throws(InputError) {
    let all = Array(0..<run.episodeCount)
    try onEachThread(of: all, CancellationFlag()) { next, robotSpec throws(InputError) in
      while let index = next() {
        let draw = try draw(index, attempt: 0)
        watched(
          draw,
          try Rollout.play(
            draw, in: world, robotSpec: robotSpec, surroundings: surroundings, wardrobe: wardrobe))
      }
    }
  }

  /// Runs `work` on every thread with a robot of its own and a queue of episodes for all.
  private func onEachThread(
    of episodes: [Int], _ cancellation: CancellationFlag,
    _ work: @Sendable (_ next: () -> Int?, borrowing ModelSpec) throws(InputError) -> Void
  ) throws(InputError) {
    let taken = Atomic<Int>(0)
    let failure = Mutex<InputError?>(nil)
    parallelFor(count: threadCount, threadCount: threadCount) { _, _ in
      do throws(InputError) {
        let robotSpec = try RobotFile.open(for: world, file: robotFile)
        let next: () -> Int? = {
          if cancellation.isCancelled { return nil }
          let place = taken.wrappingAdd(1, ordering: .relaxed).oldValue
          return place < episodes.count ? episodes[place] : nil
        }
        try work(next, robotSpec)
      } catch {
        failure.withLock { $0 = $0 ?? error }
        cancellation.cancel()
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Plays one episode, drawing again until the teacher succeeds or the attempts are used up.
  private func episode(
    _ index: Int, robotSpec: borrowing ModelSpec, recorder: EpisodeRecorder
  ) throws(InputError) -> EpisodeRecord? {
    for attempt in 0..<world.attempts {
      let draw = try draw(index, attempt: attempt)
      let rollout = try Rollout.play(
        draw, in: world, robotSpec: robotSpec, surroundings: surroundings, wardrobe: wardrobe)
      if rollout.isSuccess || attempt + 1 == world.attempts {
        return try recorder.record(rollout, draw: draw, seed: run.seed)
      }
    }
    preconditionFailure("a world has at least one attempt")
  }

  private func draw(_ index: Int, attempt: Int) throws(InputError) -> EpisodeDraw {
    guard
      let draw = EpisodeDraw.draw(
        world: world, support: surroundings.support, seed: run.seed, episode: index,
        attempt: attempt)
    else { throw EpisodeDraw.noRoom(in: world) }
    return draw
  }
}

extension EpisodeDraw {
  /// The error of a world whose things found no spots, with its line.
  static func noRoom(in world: World) -> InputError {
    world.lines.mistake(
      "task", found: "no free spots for all things",
      expected: "a larger reach or bearing on the table, a smaller gap, or fewer distractors")
  }
}
