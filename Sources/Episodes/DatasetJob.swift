// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
import Files
package import Parallel
import Physics
package import Simulation
package import Splats
import Synchronization
package import Worlds

/// The main job: episodes of one world, played and recorded on several threads, as one dataset.
///
/// An episode depends on the world, the seed and its index alone, is stored the moment it is
/// finished, and the dataset is put together from the stored episodes in their order. So neither
/// threads nor interruptions leave a trace in the bytes. Draws that were recorded are played again
/// in the same way.
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
  /// Recorded draws that are played again, one for each of the run's episodes; nil to draw.
  package var recordedDraws: [EpisodeDraw]?
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
  /// After a wish to stop, an episode goes on only while a later one is stored already; after a
  /// failure of one episode, those before it go on. So this leaves no gap that was not there.
  ///
  /// - Parameters:
  ///   - episodes: The indices that are missing, in rising order.
  ///   - staging: Where they are stored.
  ///   - cancellation: Set to stop between frames; what is stored stays.
  ///   - finished: Called from any thread after an episode was stored.
  /// - Throws: The failure at the lowest episode of any thread, such as a full disk.
  package func play(
    _ episodes: [Int], into staging: EpisodeStaging, cancellation: CancellationFlag,
    finished: @Sendable (EpisodeRecord) -> Void
  ) throws(JobFailure) {
    precondition(
      recordedDraws.map { $0.count == run.episodeCount } != false, "a draw for each episode")
    let watch = JobWatch(cancellation)
    try onEachThread(of: episodes, watch) { next, robotSpec throws(JobFailure) in
      let recorder = EpisodeRecorder(world: world, seed: run.seed, splats: splats)
      while let index = next() {
        let record: EpisodeRecord?
        do throws(InputError) {
          record = try episode(index, robotSpec, recorder) { watch.goesOn(index) }
          try record?.check(run.schema)
        } catch {
          throw JobFailure(.playing(episode: index), error)
        }
        guard let record, watch.mayStore(index) else { return }
        do throws(InputError) {
          try staging.publish(record)
        } catch {
          throw JobFailure(.storing(episode: index), error)
        }
        finished(record)
      }
    }
  }

  /// Plays the first attempt of every episode without pictures, for counting what succeeds.
  ///
  /// - Throws: The failure at the lowest episode of any thread.
  package func rehearse(
    _ watched: @Sendable (EpisodeDraw, Rollout) -> Void
  ) throws(JobFailure) {
    let watch = JobWatch(CancellationFlag())
    try onEachThread(of: Array(0..<run.episodeCount), watch) { next, robotSpec throws(JobFailure) in
      while let index = next() {
        do throws(InputError) {
          let draw = try draw(index, attempt: 0)
          watched(draw, try rollout(of: draw, robotSpec))
        } catch {
          throw JobFailure(.playing(episode: index), error)
        }
      }
    }
  }

  /// Runs `work` on every thread with a robot of its own and a queue of episodes for all.
  private func onEachThread(
    of episodes: [Int], _ watch: JobWatch,
    _ work: @Sendable (_ next: () -> Int?, borrowing ModelSpec) throws(JobFailure) -> Void
  ) throws(JobFailure) {
    let taken = Atomic<Int>(0)
    parallelFor(count: threadCount, threadCount: threadCount) { _, _ in
      do throws(JobFailure) {
        let robotSpec = try openRobot()
        let next: () -> Int? = {
          guard watch.mayBegin else { return nil }
          let place = taken.wrappingAdd(1, ordering: .relaxed).oldValue
          return place < episodes.count ? episodes[place] : nil
        }
        try work(next, robotSpec)
      } catch {
        watch.fail(error)
      }
    }
    if let failure = watch.failure { throw failure }
  }

  private func openRobot() throws(JobFailure) -> ModelSpec {
    do throws(InputError) {
      return try RobotFile.open(for: world, file: robotFile)
    } catch {
      throw JobFailure(.starting, error)
    }
  }

  /// Plays and films one episode; nil when it is no longer wanted.
  ///
  /// An episode is drawn again until the teacher succeeds or the attempts are used up; one that was
  /// recorded is played as it was drawn.
  private func episode(
    _ index: Int, _ robotSpec: borrowing ModelSpec, _ recorder: EpisodeRecorder,
    while isWanted: () -> Bool
  ) throws(InputError) -> EpisodeRecord? {
    if let draw = recordedDraws?[index] {
      return try recorder.record(
        try rollout(of: draw, robotSpec), draw: draw, as: index, while: isWanted)
    }
    for attempt in 0..<world.attempts {
      let draw = try draw(index, attempt: attempt)
      let rollout = try rollout(of: draw, robotSpec)
      if rollout.isSuccess || attempt + 1 == world.attempts {
        return try recorder.record(rollout, draw: draw, as: index, while: isWanted)
      }
    }
    preconditionFailure("a world has at least one attempt")
  }

  private func rollout(
    of draw: EpisodeDraw, _ robotSpec: borrowing ModelSpec
  ) throws(InputError) -> Rollout {
    try Rollout.play(
      draw, in: world, robotSpec: robotSpec, surroundings: surroundings, wardrobe: wardrobe)
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
