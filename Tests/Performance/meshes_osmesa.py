# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures a second of a model that MuJoCo's own renderer draws at 640 x 480, and its camera.

    meshes_osmesa.py MODEL view           the eye, the point looked at and the angle, for our program
    meshes_osmesa.py MODEL SECONDS        pictures/s of colour with shadows, depth, segmentation
"""
import math
import os
import sys
import time

os.environ["MUJOCO_GL"] = "osmesa"
import mujoco

model = mujoco.MjModel.from_xml_path(sys.argv[1])
data = mujoco.MjData(model)
if model.nkey:
    mujoco.mj_resetDataKeyframe(model, data, 0)
mujoco.mj_forward(model, data)
if sys.argv[2] == "view":
    camera = mujoco.MjvCamera()
    mujoco.mjv_defaultFreeCamera(model, camera)
    turn, rise = math.radians(camera.azimuth), math.radians(camera.elevation)
    forward = (math.cos(rise) * math.cos(turn), math.cos(rise) * math.sin(turn), math.sin(rise))
    eye = [c - camera.distance * f for c, f in zip(camera.lookat, forward)]
    vector = lambda values: ",".join(f"{v:.6f}" for v in values)
    print(vector(eye), vector(camera.lookat), model.vis.global_.fovy)
    sys.exit()
model.vis.global_.offwidth, model.vis.global_.offheight = 640, 480
renderer = mujoco.Renderer(model, 480, 640)
rates = []
for mode in ("colour", "depth", "segmentation"):
    if mode == "depth":
        renderer.enable_depth_rendering()
    elif mode == "segmentation":
        renderer.disable_depth_rendering()
        renderer.enable_segmentation_rendering()
    renderer.update_scene(data)
    renderer.render()
    start, count = time.time(), 0
    while time.time() - start < float(sys.argv[2]):
        renderer.update_scene(data)
        renderer.render()
        count += 1
    rates.append(count / (time.time() - start))
renderer.close()
print(*(f"{rate:.2f}" for rate in rates))
