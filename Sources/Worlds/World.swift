// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
package import Geometry

/// A world file, checked: everything that stays the same over the episodes of a run.
///
/// Lengths are metres in the world frame (east, north, up) unless the name says otherwise; angles
/// are radians. `WorldSchema` gives the meaning of each field in the file.
package struct World: Equatable, Sendable {
  /// The name that reports and provenance use.
  package var name: String
  /// What people should know about it, or nothing.
  package var summary: String
  /// What surrounds the robot.
  package var scene: SceneSource
  /// The rates of control and physics.
  package var time: WorldTime
  /// The robot.
  package var robot: RobotPlacement
  /// The cameras, in dataset order.
  package var cameras: [CameraPlacement]
  /// Meshes that stand fixed in the scene.
  package var scenery: [SceneryPlacement]
  /// The catalogue of things to move.
  package var objects: [CatalogueEntry]
  /// The catalogue of places to move them to.
  package var places: [CatalogueEntry]
  /// What the robot is asked to do.
  package var task: PutTask
  /// What changes between episodes.
  package var randomisation: Randomisation
  /// The draws tried for an episode until the expert succeeds, at least 1.
  package var attempts: Int
  /// The files that it names, as its text says them: the scene's, if any, then the scenery's.
  ///
  /// They are the same on every machine, which the paths above need not be.
  package var filesAsWritten: [String]
  /// The text that all of this was read from.
  package var sourceText: String
  /// Where each field stands in the text.
  package var lines: FieldLines

  /// The SHA-256 of the text, hexadecimal.
  package var sourceDigest: String { SHA256.hexDigest(of: Array(sourceText.utf8)) }
}

/// Where the splats around the robot come from.
package enum SceneSource: Equatable, Sendable {
  /// The courtyard that Diorama builds itself.
  case courtyard(seed: UInt64)
  /// A splat file, how it lies in the world, and the table in it; nil where it shows only ground.
  case file(
    path: String, metresPerUnit: Double, worldFromScene: RigidTransform,
    table: DeclaredTable? = nil)
  /// A scene file, the moment at which it is seen, and where in it the world's origin lies.
  case store(
    path: String, moment: SceneMoment?, worldOriginInScene: SIMD3<Double>,
    table: DeclaredTable? = nil)
  /// Coloured points with a table in them, whose real height fixes the scale.
  case points(path: String, tableHeight: Double)
}

/// The outline of a table's top, centred on the origin in the plane z = 0.
package enum TableTop: Equatable, Sendable {
  /// Half the length along x and y, metres.
  case rectangle(halfSizes: SIMD2<Double>)
  /// The radius, metres.
  case disc(radius: Double)
}

/// What a world file says of the table in its splat file.
package struct DeclaredTable: Equatable, Sendable {
  /// The outline of the top.
  package var top: TableTop
  /// The height of the top above the ground, metres.
  package var height: Double

  /// Makes a table from its two parts.
  package init(top: TableTop, height: Double) {
    self.top = top
    self.height = height
  }
}

/// The rates of a world; time itself is a count of physics steps of whole nanoseconds.
package struct WorldTime: Equatable, Sendable {
  /// Observations and actions a second.
  package var controlRate: Int
  /// Physics steps a second, a divisor of 1e9 and at least the control rate.
  package var physicsRate: Int
  /// The longest episode, in control periods.
  package var controlPeriodsPerEpisode: Int

  /// The length of a physics step, nanoseconds.
  package var physicsStepNanoseconds: Int64 { 1_000_000_000 / Int64(physicsRate) }

  /// Returns how many physics steps have been made when control period `period` begins.
  ///
  /// The rates need not divide each other: at 500 and 30 Hz the periods are 17, 17 and 16 steps
  /// long, and period k begins at the first step at or after k/30 s.
  package func physicsStep(atControlPeriod period: Int) -> Int {
    (period * physicsRate + controlRate - 1) / controlRate
  }
}

/// A robot and where it stands.
package struct RobotPlacement: Equatable, Sendable {
  /// The name, and the prefix of its bodies: `NAME/BODY`.
  package var name: String
  /// The entry in the asset registry.
  package var asset: String
  /// The base in the world.
  package var worldFromBase: RigidTransform
  /// The joint angles at the start, radians, by joint name in alphabetic order.
  package var home: [JointAngle]
}

/// A joint's name and angle.
package struct JointAngle: Equatable, Sendable {
  /// The joint's name in the robot's own file.
  package var joint: String
  /// The angle, radians.
  package var angle: Double
}

/// A mesh from a file and where it stands.
package struct SceneryPlacement: Equatable, Sendable {
  /// The mesh file.
  package var path: String
  /// The folder that holds it and its pictures; nil for its own.
  package var root: String?
  /// The mesh in the world, after scaling and turning its upward axis to z.
  package var worldFromMesh: RigidTransform
  /// Metres a unit of the file.
  package var scale: Double
  /// Whether the file's upward axis is y.
  package var isYUp: Bool
}

/// A camera, what carries it and what it records.
package struct CameraPlacement: Equatable, Sendable {
  /// The name, as in `observation.images.NAME`.
  package var name: String
  /// The body that carries the camera, as `ROBOT/BODY`; nil for the world.
  package var body: String?
  /// The camera in the frame that carries it.
  package var bodyFromCamera: RigidTransform
  /// The lens.
  package var lens: Camera
  /// What is recorded.
  package var outputs: Set<CameraOutput>
}

/// What a camera can record.
package enum CameraOutput: String, CaseIterable, Sendable {
  /// Display-referred colour, as video.
  case rgb
  /// Metric depth along the optical axis, as 16-bit PNG in millimetres.
  case depth
  /// Instance identifiers, as 8-bit PNG.
  case instances
}

/// A shape and the colours that it may have.
package struct CatalogueEntry: Equatable, Sendable {
  /// The shape's word, one of `WorldSchema.objectShapes` or `placeShapes`.
  package var shape: String
  /// The colours it is drawn in.
  package var colours: [NamedColour]
}

/// The task "put the {colour} {object} into/onto the {place}".
package struct PutTask: Equatable, Sendable {
  /// How far from the robot's base the middles of objects may stand, metres.
  package var objectReach: ClosedRange<Double>
  /// How far from the robot's base the middles of places may stand, metres.
  package var placeReach: ClosedRange<Double>
  /// Where they may stand around the base, radians from straight ahead towards the left.
  package var bearing: ClosedRange<Double>
  /// How many other objects stand around.
  package var distractors: ClosedRange<Int>
  /// How many other places stand around.
  package var decoyPlaces: ClosedRange<Int>
  /// The least free distance between footprints, metres.
  package var gap: Double
}

/// The ranges that each episode draws from.
package struct Randomisation: Equatable, Sendable {
  /// The turn of each object about z, radians.
  package var objectYaw = 0.0...0.0
  /// The turn of each place about z, radians.
  package var placeYaw = 0.0...0.0
  /// The largest change of each colour channel, at most `NamedColour.largestJitter`.
  package var colourJitter = 0.0
  /// The sky light on meshes, as a factor.
  package var ambient = 0.5...0.5
  /// The sun light on meshes, as a factor.
  package var sun = 0.6...0.6
  /// The sun's direction from east towards north, radians.
  package var sunAzimuth = (Double.pi / 4)...(Double.pi / 4)
  /// The sun's height above the horizon, radians.
  package var sunElevation = 50.0.radiansFromDegrees...50.0.radiansFromDegrees
  /// The factor on everything that a camera sees.
  package var exposure = 1.0...1.0
  /// The largest shift of a camera along each axis, metres.
  package var cameraPosition = 0.0
  /// The largest turn of a camera about each axis, radians.
  package var cameraAngle = 0.0
}
