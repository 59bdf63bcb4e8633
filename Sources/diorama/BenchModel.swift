// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The model that `bench physics` steps unless given another: a walker that falls and squirms.
///
/// 27 degrees of freedom and 21 motors, as many as the humanoid that physics engines are usually
/// compared on, made of capsules; it lies on the floor in contact most of the time.
let benchmarkModel = """
  <mujoco model="walker">
    <option timestep="0.005"/>
    <default>
      <geom type="capsule" condim="1" density="1000" solref="0.015 1"/>
      <joint type="hinge" damping="2" stiffness="5" armature="0.01" limited="true"/>
      <motor ctrlrange="-1 1" ctrllimited="true" gear="60"/>
    </default>
    <worldbody>
      <geom name="floor" type="plane" size="20 20 0.1" condim="3"/>
      <body name="torso" pos="0 0 1.3">
        <freejoint/>
        <geom fromto="0 -0.07 0 0 0.07 0" size="0.07"/>
        <geom type="sphere" pos="0 0 0.19" size="0.09"/>
        <body name="waist" pos="0 0 -0.26">
          <joint name="waist_z" axis="0 0 1" pos="0 0 0.065" range="-45 45"/>
          <joint name="waist_y" axis="0 1 0" pos="0 0 0.065" range="-75 30"/>
          <joint name="waist_x" axis="1 0 0" pos="0 0 0.065" range="-35 35"/>
          <geom fromto="0 -0.06 0 0 0.06 0" size="0.06"/>
          <geom fromto="0 -0.07 -0.15 0 0.07 -0.15" size="0.09"/>
  \(leg("left", side: 1))\(leg("right", side: -1))      </body>
  \(arm("left", side: 1))\(arm("right", side: -1))    </body>
    </worldbody>
    <actuator>
  \(motorNames.map { "    <motor joint=\"\($0)\"/>\n" }.joined())  </actuator>
  </mujoco>
  """

private let sideJoints = [
  "hip_x", "hip_z", "hip_y", "knee", "ankle_y", "ankle_x", "shoulder_1", "shoulder_2", "elbow",
]

private let motorNames =
  ["waist_z", "waist_y", "waist_x"]
  + ["left", "right"].flatMap { side in sideJoints.map { "\(side)_\($0)" } }

private func leg(_ name: String, side: Double) -> String {
  """
        <body name="\(name)_thigh" pos="0 \(0.1 * side) -0.2">
          <joint name="\(name)_hip_x" axis="\(side) 0 0" range="-25 5"/>
          <joint name="\(name)_hip_z" axis="0 0 \(side)" range="-60 35"/>
          <joint name="\(name)_hip_y" axis="0 1 0" range="-110 20"/>
          <geom fromto="0 0 0 0 \(-0.01 * side) -0.34" size="0.06"/>
          <body name="\(name)_shin" pos="0 \(-0.01 * side) -0.4">
            <joint name="\(name)_knee" axis="0 -1 0" range="-160 2"/>
            <geom fromto="0 0 0 0 0 -0.3" size="0.049"/>
            <body name="\(name)_foot" pos="0 0 -0.39">
              <joint name="\(name)_ankle_y" axis="0 1 0" range="-50 50"/>
              <joint name="\(name)_ankle_x" axis="1 0 0.5" range="-50 50"/>
              <geom fromto="-0.07 -0.02 0 0.14 -0.04 0" size="0.027"/>
              <geom fromto="-0.07 0.02 0 0.14 0.04 0" size="0.027"/>
            </body>
          </body>
        </body>

  """
}

private func arm(_ name: String, side: Double) -> String {
  """
      <body name="\(name)_upper_arm" pos="0 \(0.17 * side) 0.06">
        <joint name="\(name)_shoulder_1" axis="2 \(-side) \(-side)" range="-85 60"/>
        <joint name="\(name)_shoulder_2" axis="0 -1 \(side)" range="-85 60"/>
        <geom fromto="0 0 0 0.16 \(0.16 * side) -0.16" size="0.04"/>
        <body name="\(name)_lower_arm" pos="0.18 \(0.18 * side) -0.18">
          <joint name="\(name)_elbow" axis="0 \(-1) \(side)" range="-90 50"/>
          <geom fromto="0.01 \(-0.01 * side) 0.01 0.17 \(-0.17 * side) 0.17" size="0.031"/>
          <geom type="sphere" pos="0.18 \(-0.18 * side) 0.18" size="0.04"/>
        </body>
      </body>

  """
}
