# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the stress scene of the peers as INRIA's PLY: stress_to_ply.py COUNT PLY.

The same draws in the same order as in peers/splats_lavapipe.py: splats of all sizes and opacities,
everywhere in a room of 5.5 x 8 x 3 m.
"""

import sys

import numpy as np

count = int(sys.argv[1])
random = np.random.default_rng(0)
position = random.uniform([-4, -4, 0], [1.5, 4, 3], (count, 3))
rotation = random.normal(size=(count, 4))
scale = random.uniform(np.log(0.005), np.log(0.05), (count, 3))
opacity = random.uniform(0.2, 0.99, (count, 1))
colour = (random.uniform(0, 1, (count, 3)) - 0.5) / 0.28209
rows = np.hstack([position, colour, np.log(opacity / (1 - opacity)), scale, rotation])
names = ["x", "y", "z"] + [f"f_dc_{i}" for i in range(3)] + ["opacity"]
names += [f"scale_{i}" for i in range(3)] + [f"rot_{i}" for i in range(4)]
with open(sys.argv[2], "wb") as file:
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    header += [f"property float {name}" for name in names] + ["end_header", ""]
    file.write("\n".join(header).encode())
    rows.astype("<f4").tofile(file)
