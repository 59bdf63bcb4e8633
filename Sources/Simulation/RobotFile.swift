// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Physics
package import Worlds

/// Opens a robot's model file and puts right what its importer must put right.
package enum RobotFile {
  /// Refuses a robot that no teacher can move yet; nothing has to be fetched to know.
  ///
  /// - Throws: `InputError` that names the robots with a teacher.
  package static func requireTeacher(in world: World) throws(InputError) {
    guard world.robot.asset == "so101" else {
      throw world.lines.mistake(
        "robots[0].asset", found: "“\(world.robot.asset)”",
        expected: "so101, the robot whose teacher can put things")
    }
  }

  /// Reads the robot of a world.
  ///
  /// - Throws: `InputError` where the file is missing or broken, or the robot has no teacher yet.
  package static func open(for world: World, file: String) throws(InputError) -> ModelSpec {
    try requireTeacher(in: world)
    var spec = try ModelSpec(file: file)
    try SO101.fit(&spec)
    return spec
  }
}
