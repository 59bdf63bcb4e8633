# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""The scene of peers/pybullet_tinyrenderer.py: the Panda, a table and ten objects on a plane.

    meshes_tinyrenderer.py PACKAGE scene FILE   writes the scene as MJCF, its meshes where they are
    meshes_tinyrenderer.py PACKAGE SECONDS      TinyRenderer's pictures/s of colour, depth and
                                                segmentation at 640 x 480, without shadows and with

PACKAGE is the folder that holds pybullet and pybullet_data.
"""
import os
import sys
import time

sys.path.insert(0, sys.argv[1])
import pybullet as p

folder = os.path.join(sys.argv[1], "pybullet_data")
p.connect(p.DIRECT)
p.setAdditionalSearchPath(folder)
bodies = [p.loadURDF("plane.urdf"), p.loadURDF("franka_panda/panda.urdf", useFixedBase=True),
          p.loadURDF("table/table.urdf", [0.8, 0, -0.2])]
for i in range(10):
    bodies.append(p.loadURDF("random_urdfs/%03d/%03d.urdf" % (i, i), [0.5 + 0.05 * i, 0, 0.8]))


def frame_of(body, link):
    """The link's frame in the world."""
    if link >= 0:
        return p.getLinkState(body, link)[4:6]
    inertial = p.getDynamicsInfo(body, -1)[3:5]
    return p.multiplyTransforms(*p.getBasePositionAndOrientation(body),
                                *p.invertTransform(*inertial))


def write_scene(path):
    assets, geoms = [], []
    for body in bodies:
        for shape in p.getVisualShapeData(body):
            _, link, kind, size, file, position, rotation, colour = shape[:8]
            position, rotation = p.multiplyTransforms(*frame_of(body, link), position, rotation)
            numbers = lambda values: " ".join(f"{v:.9g}" for v in values)
            pose = (f'pos="{numbers(position)}" '
                    f'quat="{numbers((rotation[3], *rotation[:3]))}" rgba="{numbers(colour)}"')
            name = f"mesh{len(assets)}"
            if kind == p.GEOM_MESH and file.endswith(b"plane100.obj"):
                # Flat, of which MuJoCo makes no mesh.
                geoms.append(f'<geom type="plane" size="100 100 1" {pose}/>')
            elif kind == p.GEOM_MESH:
                assets.append(f'<mesh name="{name}" file="{os.path.abspath(file.decode())}" '
                              f'scale="{numbers(size)}" inertia="shell"/>')
                geoms.append(f'<geom type="mesh" mesh="{name}" {pose}/>')
            elif kind == p.GEOM_BOX:
                half = [v / 2 for v in size]
                geoms.append(f'<geom type="box" size="{numbers(half)}" {pose}/>')
            else:
                sys.exit(f"a shape of kind {kind} is not known here")
    with open(path, "w") as out:
        out.write("<mujoco><asset>" + "\n".join(assets) + "</asset><worldbody>" +
                  "\n".join(geoms) + "</worldbody></mujoco>\n")


if sys.argv[2] == "scene":
    write_scene(sys.argv[3])
    sys.exit()
view = p.computeViewMatrix([1.6, 1, 1.2], [0.3, 0, 0.3], [0, 0, 1])
lens = p.computeProjectionMatrixFOV(60, 640 / 480, 0.05, 10)
rates = []
for shadow in (0, 1):
    draw = lambda: p.getCameraImage(640, 480, view, lens, shadow=shadow,
                                    renderer=p.ER_TINY_RENDERER)
    draw()
    start, count = time.time(), 0
    while time.time() - start < float(sys.argv[2]):
        draw()
        count += 1
    rates.append(count / (time.time() - start))
print(*(f"{rate:.2f}" for rate in rates))
