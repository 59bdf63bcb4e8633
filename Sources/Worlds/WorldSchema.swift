// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Every field that a world file can have, written once.
///
/// `WorldReader` checks files against this table; `diorama world schema` prints it as a JSON Schema
/// or as the tables of `Worlds/README.md`, and tests hold both to the files in the repository.
package enum WorldSchema {
  /// The version of the file format that this table describes.
  package static let formatVersion = 1

  /// Lengths and positions in a scene never need more than a city's width, metres.
  private static let metres = -100_000.0...100_000.0
  private static let degrees = -360.0...360.0
  /// The most characters of a name; names become parts of file names.
  static let longestName = 64

  /// The whole file.
  package static let root = SchemaType.mapping([
    .required("format", .integer(1...1), "Version of this format; 1."),
    .required("name", .line, "Short name of the world, used in reports and in provenance."),
    .optional("description", .text, "One or two sentences for people."),
    .required("scene", scene, "What surrounds the robot: exactly one source."),
    .required(
      "time", time, "Rates; the clock counts physics steps, each a whole number of nanoseconds."),
    .required(
      "robots", .list(of: .mapping(robot), count: 1...1),
      "The robots, one for now; each has a name that cameras refer to."),
    .required(
      "cameras", .list(of: .mapping(camera), count: 1...8),
      "The cameras, in the order in which they appear in the dataset."),
    .optional(
      "scenery", .list(of: .mapping(scenery), count: 0...32),
      "Meshes that stand fixed in the scene: seen by cameras, touched as their convex hull."),
    .required(
      "objects", .list(of: .mapping(object), count: 1...64),
      "The catalogue that each episode draws its target and distractors from."),
    .required(
      "places", .list(of: .mapping(place), count: 1...64),
      "The catalogue of places that an object can be put onto or into."),
    .required("task", .mapping(task), "What the robot is asked to do."),
    .optional("randomisation", .mapping(randomisation), "What changes between episodes."),
    .optional("seeds", .mapping(seeds), "How episodes are tied to seeds."),
  ])

  static let scene = SchemaType.oneOf(
    [
      .optional("builtin", .choice(["courtyard"]), "A scene that Diorama builds itself."),
      .optional(
        "file", .path,
        "A splat file (PLY, .splat, .ksplat, SPZ, .sog), relative to the world file; `${NAME}` is "
          + "replaced from the environment.", rule: pathRule),
      .optional(
        "store", .path,
        "A scene file (.diorama), relative to the world file, of which what can be seen from the "
          + "world's origin is drawn; `${NAME}` as in `file`.", rule: pathRule),
      .optional(
        "points", .path,
        "Coloured points with two cameras or more, all of which look at a round table: an NPZ with "
          + "`means3d`, `colors`, `viewmats`, `Ks`, `width` and `height`. They are turned into "
          + "splats and aligned so that the table's top lies in z = 0, centred on the origin.",
        rule: pathRule),
    ],
    shared: [
      .optional(
        "seed", .integer(0...Int.max), "Seed of a built-in scene; 1 by default.",
        onlyWith: ["builtin"]),
      .optional(
        "table_height_metres", .number(0.2...2),
        "Real height of the table in `points`, which fixes the scale; 0.74 by default.",
        onlyWith: ["points"]),
      .optional(
        "at", .moment,
        "The moment in UTC at which `store` is seen, with its season and its events; without one, "
          + "as it was captured or made.", onlyWith: ["store"],
        rule: "a moment that the calendar has"),
      .optional(
        "place", .vector(count: 3, -1e8...1e8),
        "Where the world's origin lies in `store`, metres east, north and up; zero by default.",
        onlyWith: ["store"]),
      .optional(
        "metres_per_unit", .number(1e-6...1e6), "Scale of `file`; 1 by default.",
        onlyWith: ["file"]),
      .optional(
        "position", .vector(count: 3, metres), "Origin of `file` in the world; zero by default.",
        onlyWith: ["file"]),
      .optional(
        "rotation_wxyz", .vector(count: 4, -1...1),
        "Unit quaternion, world from scene, for `file`; identity by default.",
        onlyWith: ["file"], rule: "of length 1, to a thousandth"),
      .optional(
        "table", table,
        "The table that `file` or `store` shows, its top in z = 0 and centred on the origin; without it "
          + "everything stands on level ground at z = 0.", onlyWith: ["file", "store"]),
    ])

  private static let pathRule = "each ${NAME} is a variable that is set"

  static let table = SchemaType.oneOf(
    [
      .optional(
        "size_metres", .vector(count: 2, 0.1...100), "Length of a square-cut top along x and y."),
      .optional("radius_metres", .number(0.05...50), "Radius of a round top."),
    ],
    shared: [
      .optional(
        "height_metres", .number(0.05...10), "Height of the top above the ground; 0.74 by default.")
    ])

  static let time = SchemaType.mapping([
    .required("control_rate_hz", .integer(1...1000), "Observations and actions a second."),
    .required(
      "physics_rate_hz", .integer(1...100_000),
      "Physics steps a second; a divisor of 1,000,000,000, so that a step is whole nanoseconds.",
      rule: "a divisor of 1,000,000,000, and at least control_rate_hz"),
    .required("episode_seconds", .number(0.1...600), "Longest episode, seconds of world time."),
  ])

  static let robot: [SchemaField] = [
    .required("name", .name, "Name of the robot; prefix of its bodies, as in `arm/gripper`."),
    .required(
      "asset", .line, "Name in `Assets/registry.json`.", rule: "a robot that has a teacher"),
    .required("position", .vector(count: 3, metres), "Base origin in the world, metres."),
    .optional("yaw_degrees", .number(degrees), "Turn of the base about z; 0 by default."),
    .optional(
      "home_degrees", .numbers(degrees), "Joint angles at the start of an episode; 0 by default.",
      rule: "each a joint of the robot, within its limits"),
  ]

  static let camera: [SchemaField] = [
    .required(
      "name", .name, "Name of the camera; `observation.images.NAME` in the dataset.",
      rule: "each name once"),
    .optional(
      "body", .line, "Body that carries the camera, as in `arm/gripper`; the world by default.",
      rule: "ROBOT/BODY with a robot of this file and a body of that robot"),
    .required(
      "position", .vector(count: 3, metres), "Optical centre in the carrying frame, metres."),
    .required(
      "look_at", .vector(count: 3, metres), "Point on the optical axis, same frame, metres.",
      rule: "another point than `position`"),
    .optional(
      "up", .vector(count: 3, -1...1),
      "Direction that is up in the picture; z by default, y where the camera looks along z.",
      rule: "not of length 0"),
    .required(
      "width", .integer(16...4096, multipleOf: 2), "Pixel columns; even, as video needs it."),
    .required(
      "height", .integer(16...4096, multipleOf: 2), "Pixel rows; even, as video needs it."),
    .required("vertical_fov_degrees", .number(1...170), "Full angle from top to bottom."),
    .optional("near_metres", .number(0.001...10), "Nearest distance drawn; 0.01 by default."),
    .optional(
      "outputs", .set(of: ["rgb", "depth", "instances"]),
      "What is recorded; all three by default."),
  ]

  static let scenery: [SchemaField] = [
    .required(
      "mesh", .path,
      "An OBJ, STL, glTF, DAE or PLY file, relative to the world file; `${NAME}` as in `scene`.",
      rule: pathRule),
    .optional(
      "root", .path,
      "A folder that the mesh lies in, in which its textures may lie too; the mesh's own by "
        + "default.", rule: pathRule),
    .required("position", .vector(count: 3, metres), "Origin of the mesh in the world, metres."),
    .optional("yaw_degrees", .number(degrees), "Turn of the mesh about z; 0 by default."),
    .optional("scale", .number(1e-6...1e6), "Metres a unit of the file; 1 by default."),
    .optional("up", .choice(["y", "z"]), "The file's upward axis; z by default."),
  ]

  static let object: [SchemaField] = [
    .required(
      "shape", .choice(objectShapes), "What it is; also the noun in the instruction.",
      rule: "each shape once"),
    .required("colours", .set(of: colours), "Colours it is drawn in."),
  ]

  static let place: [SchemaField] = [
    .required(
      "shape", .choice(placeShapes), "What it is; also the noun in the instruction.",
      rule: "each shape once"),
    .required("colours", .set(of: colours), "Colours it is drawn in."),
  ]

  static let task: [SchemaField] = [
    .required("kind", .choice(["put"]), "`put`: put the {colour} {object} into/onto the {place}."),
    .required(
      "object_reach_metres", .interval(0...10),
      "How far from the robot's base the middles of objects may stand."),
    .required(
      "place_reach_metres", .interval(0...10),
      "How far from the robot's base the middles of places may stand."),
    .required(
      "bearing_degrees", .interval(degrees),
      "Where they may stand around the base; 0 is straight ahead, left is positive."),
    .optional(
      "distractors", .countInterval(0...16),
      "Fewest and most other objects; [0, 0] by default.",
      rule: "fewest <= most < the shapes and colours in `objects`"),
    .optional(
      "decoy_places", .countInterval(0...8),
      "Fewest and most other places; [0, 0] by default.",
      rule: "fewest <= most < the shapes and colours in `places`"),
    .optional("gap_metres", .number(0...1), "Least free distance between footprints; 0.02."),
  ]

  static let randomisation: [SchemaField] = [
    .optional("object_yaw_degrees", .interval(degrees), "Turn of each object; [0, 0]."),
    .optional("place_yaw_degrees", .interval(degrees), "Turn of each place; [0, 0]."),
    .optional(
      "colour_jitter", .number(0...NamedColour.largestJitter),
      "Largest change of a colour channel; shades nearer to another name are drawn again; 0."),
    .optional("ambient", .interval(0...4), "Sky light on meshes; [0.5, 0.5]."),
    .optional("sun", .interval(0...4), "Sun light on meshes; [0.6, 0.6]."),
    .optional("sun_azimuth_degrees", .interval(degrees), "Sun, from east to north; [45, 45]."),
    .optional("sun_elevation_degrees", .interval(0...90), "Sun above the horizon; [50, 50]."),
    .optional("exposure", .interval(0.05...4), "Factor on everything seen; [1, 1]."),
    .optional(
      "camera_position_metres", .number(0...1), "Largest shift of a camera along an axis; 0."),
    .optional(
      "camera_angle_degrees", .number(0...45), "Largest turn of a camera about an axis; 0."),
  ]

  static let seeds: [SchemaField] = [
    .optional(
      "attempts", .integer(1...20),
      "Draws tried until the expert succeeds; the last is kept, with success = false; 1.")
  ]

  /// The object shapes that can be asked for; `Simulation.ObjectShape` gives each its body.
  package static let objectShapes = [
    "cube", "can", "ball", "block", "prism", "mug", "ring", "star",
  ]
  /// The place shapes that can be asked for; `Simulation.PlaceShape` gives each its body.
  package static let placeShapes = ["plate", "tray", "bowl"]
  /// The colour names that can be asked for; `NamedColour` gives each its sRGB value.
  package static let colours = NamedColour.allCases.map(\.rawValue)
}
