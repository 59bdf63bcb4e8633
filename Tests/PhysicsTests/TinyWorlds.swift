// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

@testable import Physics

/// A ball of 1 kg, 1 m above nothing; 1 ms steps of semi-implicit Euler.
let fallingBall = """
  <mujoco>
    <option timestep="0.001" gravity="0 0 -10"/>
    <worldbody>
      <body name="ball" pos="0 0 1">
        <freejoint name="ball"/>
        <geom type="sphere" size="0.1" mass="1"/>
      </body>
    </worldbody>
  </mujoco>
  """

/// A cube of 2 kg and 0.2 m edges, resting on a floor, with two keyframes.
let restingBox = """
  <mujoco>
    <option timestep="0.002" gravity="0 0 -10"/>
    <worldbody>
      <geom name="floor" type="plane" size="1 1 1"/>
      <body name="box" pos="0 0 0.1">
        <freejoint name="box"/>
        <geom name="box" type="box" size="0.1 0.1 0.1" mass="2" rgba="1 0 0 1"/>
      </body>
    </worldbody>
    <keyframe>
      <key name="aside" qpos="1 2 0.1 1 0 0 0"/>
      <key name="aloft" qpos="0 0 5 1 0 0 0"/>
    </keyframe>
  </mujoco>
  """

/// Two links that swing about y, with servos, sites, a camera and a sensor.
let arm = """
  <mujoco>
    <option timestep="0.002"/>
    <worldbody>
      <body name="upper" pos="0 0 1">
        <joint name="shoulder" axis="0 1 0" range="-90 90"/>
        <geom type="capsule" fromto="0 0 0 0.4 0 0" size="0.03" mass="1"/>
        <body name="fore" pos="0.4 0 0">
          <joint name="elbow" axis="0 1 0" damping="0.1"/>
          <joint name="twist" axis="1 0 0" damping="0.1"/>
          <geom name="fore" type="capsule" fromto="0 0 0 0.3 0 0" size="0.02" mass="0.5"/>
          <site name="tip" pos="0.3 0 0.05"/>
          <camera name="wrist" pos="0.1 0 0.1" fovy="90"/>
        </body>
      </body>
    </worldbody>
    <actuator>
      <position name="shoulder" joint="shoulder" kp="50" kv="5" ctrlrange="-1 1"/>
      <position name="elbow" joint="elbow" kp="20" kv="2" forcerange="-3 3"/>
    </actuator>
    <sensor><jointpos name="angle" joint="elbow"/></sensor>
  </mujoco>
  """

/// A bead of 10 g on a wire along x, pushed by a motor of 1 N for each unit of its control.
let lightSlider = """
  <mujoco>
    <option timestep="0.001" gravity="0 0 -10"/>
    <worldbody>
      <body name="bead">
        <joint name="wire" type="slide" axis="1 0 0"/>
        <geom type="sphere" size="0.01" mass="0.01"/>
      </body>
    </worldbody>
    <actuator><motor name="push" joint="wire"/></actuator>
  </mujoco>
  """

/// A pendulum whose motor has an activation of its own, tied to a mocap body by a soft weld.
let towedPendulum = """
  <mujoco>
    <option timestep="0.002"/>
    <worldbody>
      <body name="hand" mocap="true" pos="0.2 0 -0.9"><geom size="0.01" contype="0"/></body>
      <body name="rod">
        <joint name="pivot" axis="0 1 0" damping="0.01"/>
        <geom type="capsule" fromto="0 0 0 0 0 -1" size="0.02" mass="1" contype="0"/>
      </body>
    </worldbody>
    <equality><weld body1="hand" body2="rod" anchor="0 0 -1" solref="0.5 1"/></equality>
    <actuator>
      <general name="muscle" joint="pivot" dyntype="filter" dynprm="0.3" gainprm="2"/>
    </actuator>
  </mujoco>
  """

/// Compiles a world given as text.
func model(_ xml: String) throws(InputError) -> Model {
  var spec = try ModelSpec(xml: xml)
  return try spec.compile()
}
