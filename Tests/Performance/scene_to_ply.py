# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the scene of ../shared/peers/splat_scene.py as INRIA's PLY: scene_to_ply.py BIN PLY."""

import sys

import numpy as np

raw = np.fromfile(sys.argv[1], np.float32)
count = int(raw[:1].view(np.int32)[0])
# One array after the other: position, rotation (w x y z), scale, opacity, colour, SH (16 x RGB).
widths = [3, 4, 3, 1, 3, 48]
position, rotation, scale, opacity, _, sh = (
    part.reshape(count, width)
    for part, width in zip(
        np.split(raw[1:], np.cumsum([count * w for w in widths])[:-1]), widths
    )
)
sh = sh.reshape(count, 16, 3)
# PLY keeps the logarithm of the scale, the logit of the opacity, and the SH of each colour together.
rest = sh[:, 1:, :].transpose(0, 2, 1).reshape(count, 45)
logit = np.log(opacity / (1 - opacity))
rows = np.hstack([position, sh[:, 0, :], rest, logit, np.log(scale), rotation])
names = ["x", "y", "z"] + [f"f_dc_{i}" for i in range(3)] + [f"f_rest_{i}" for i in range(45)]
names += ["opacity"] + [f"scale_{i}" for i in range(3)] + [f"rot_{i}" for i in range(4)]
with open(sys.argv[2], "wb") as file:
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    header += [f"property float {name}" for name in names] + ["end_header", ""]
    file.write("\n".join(header).encode())
    rows.astype("<f4").tofile(file)
