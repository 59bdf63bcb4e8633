// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Rasterizer
package import Simulation
package import Worlds

/// What is wrong with a world that only shows when all that it names is read, as a run would.
///
/// Nothing is played. What one mistake hides of the others is little: scene, scenery and robot are
/// looked at each on its own.
package struct WorldInspection: Sendable {
  /// What is wrong, each with its line in the world file.
  package private(set) var mistakes: [InputError] = []
  /// How well the picture agrees with physics where the task happens; nil without a scene.
  package private(set) var agreement: SurfaceAgreement?

  /// How many episodes are drawn to see whether all things find room.
  private static let drawCount = 20

  /// Inspects a world.
  ///
  /// - Parameters:
  ///   - world: What is inspected.
  ///   - robotFile: The robot's model file; without it the joints' limits and the cameras' bodies
  ///     are left out.
  ///   - workerExecutable: The program that reads a mesh when called with `mesh-worker PATH`.
  package init(of world: World, robotFile: String?, workerExecutable: String) {
    let scenery = Scenery.load(world, workerExecutable: workerExecutable)
    mistakes += scenery.mistakes
    inspectRobot(of: world, file: robotFile, scenery: scenery.pieces)
    inspectScene(of: world)
  }

  private mutating func inspectRobot(of world: World, file: String?, scenery: [Scenery]) {
    do throws(InputError) {
      try RobotFile.requireTeacher(in: world)
    } catch {
      mistakes.append(error)
      return
    }
    guard let file else {
      mistakes += world.home(of: nil).mistakes
      return
    }
    do throws(InputError) {
      let stage = try Stage(
        world: world, robotSpec: try RobotFile.open(for: world, file: file),
        surroundings: Surroundings(support: .ground, scenery: scenery), props: [])
      mistakes += world.home(of: try stage.robot.joints(in: stage.model)).mistakes
      mistakes += world.carriers(in: stage.model).mistakes
    } catch {
      mistakes.append(world.lines.mistake("robots[0].asset", because: error))
    }
  }

  private mutating func inspectScene(of world: World) {
    do throws(InputError) {
      let scene = try world.loadScene()
      let measured = try SurfaceAgreement.measure(scene.packedSplats, scene.support, for: world)
      agreement = measured
      if measured.medianError > SurfaceAgreement.tolerance {
        mistakes.append(disagreement(measured, in: world))
      }
      let hasRoom = (0..<Self.drawCount).allSatisfy { episode in
        EpisodeDraw.draw(
          world: world, support: scene.support, seed: 1, episode: episode, attempt: 0) != nil
      }
      if !hasRoom { mistakes.append(EpisodeDraw.noRoom(in: world)) }
    } catch {
      mistakes.append(error)
    }
  }

  private func disagreement(_ measured: SurfaceAgreement, in world: World) -> InputError {
    let found =
      measured.medianError.isFinite
      ? "a surface \(Int((measured.medianError * 1000).rounded())) mm off z = 0, where things stand"
      : "nothing at z = 0, where things stand"
    let advice =
      if case .store = world.scene {
        "`place` moves them"
      } else {
        "`position`, `rotation_wxyz` and `metres_per_unit` move them"
      }
    return world.lines.mistake(
      world.scene.field, found: found,
      expected: "splats within \(Int(SurfaceAgreement.tolerance * 1000)) mm of it; "
        + advice)
  }
}
