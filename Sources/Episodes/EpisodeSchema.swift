// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
import Geometry
import Simulation
package import Worlds

extension DatasetSchema {
  /// What the dataset of a world holds for every frame, in the order of `EpisodeRecorder`.
  ///
  ///     observation.state               joint positions, radians                          [6]
  ///     observation.environment_state   object and place: x y z, quaternion w x y z       [14]
  ///     action                          servo targets, radians                            [6]
  ///     next.reward                     1 while the object rests in its place, else 0     [1]
  ///     next.done                       true in the last frame
  ///     next.success                    whether the object rests in its place
  ///     observation.images.CAMERA       colour, video                                     [h, w, 3]
  ///     observation.depth.CAMERA        depth along the optical axis, millimetres, PNG    [h, w, 1]
  ///     observation.instances.CAMERA    0 background, 1 robot, 2 the object, ..., PNG     [h, w, 1]
  ///
  /// A frame holds what was seen at its start and the action taken then; `next` speaks of its end.
  package init(_ world: World) {
    let joints = SO101.jointNames.map { "\($0).pos" }
    let poses = ["object", "place"].flatMap { thing in
      ["x", "y", "z", "qw", "qx", "qy", "qz"].map { "\(thing).\($0)" }
    }
    var features = [
      DatasetFeature("observation.state", .vector(names: joints)),
      DatasetFeature("observation.environment_state", .vector(names: poses)),
      DatasetFeature("action", .vector(names: joints)),
      DatasetFeature("next.reward", .vector(names: ["reward"])),
      DatasetFeature("next.done", .flag), DatasetFeature("next.success", .flag),
    ]
    for camera in world.cameras {
      let (height, width) = (camera.lens.height, camera.lens.width)
      if camera.outputs.contains(.rgb) {
        features.append(
          DatasetFeature(
            "observation.images.\(camera.name)", .video(height: height, width: width)))
      }
      if camera.outputs.contains(.depth) {
        features.append(
          DatasetFeature("observation.depth.\(camera.name)", .depth(height: height, width: width)))
      }
      if camera.outputs.contains(.instances) {
        features.append(
          DatasetFeature(
            "observation.instances.\(camera.name)", .labels(height: height, width: width)))
      }
    }
    self.init(fps: world.time.controlRate, robotType: world.robot.asset, features: features)
  }
}

extension DatasetFeature {
  /// The columns of the features that are no pictures.
  static func numbers(of rollout: Rollout) -> [EpisodeColumn] {
    let periods = rollout.periods
    let last = periods.count - 1
    return [
      .vectors(periods.flatMap { $0.jointPositions.map { Float($0) } }),
      .vectors(
        periods.flatMap { $0.worldFromObject.numbers + $0.worldFromPlace.numbers }),
      .vectors(periods.flatMap { $0.action.map { Float($0) } }),
      .vectors(periods.map { $0.isPlaced ? 1 : 0 }),
      .flags(periods.indices.map { $0 == last }),
      .flags(periods.map(\.isPlaced)),
    ]
  }
}

extension RigidTransform {
  /// The position and the quaternion w x y z.
  fileprivate var numbers: [Float] {
    let (p, q) = (translation, rotation)
    return [p.x, p.y, p.z, q.w, q.x, q.y, q.z].map { Float($0) }
  }
}
