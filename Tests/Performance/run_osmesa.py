# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Draws a MuJoCo model with MuJoCo's own renderer for 8 s and prints frames a second."""

import sys
import time

import mujoco

model = mujoco.MjModel.from_xml_path(sys.argv[1])
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = mujoco.Renderer(model, 256, 256)


def frame():
    """Colour, depth and segmentation of one camera."""
    renderer.disable_segmentation_rendering()
    renderer.disable_depth_rendering()
    renderer.update_scene(data)
    renderer.render()
    renderer.enable_depth_rendering()
    renderer.update_scene(data)
    renderer.render()
    renderer.disable_depth_rendering()
    renderer.enable_segmentation_rendering()
    renderer.update_scene(data)
    renderer.render()


frame()
count, start = 0, time.perf_counter()
while time.perf_counter() - start < 8:
    frame()
    count += 1
print(count / (time.perf_counter() - start))
renderer.close()
