# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Judges splat files that Diorama wrote: gsply reads the source and the copy, and they must agree.

    20-splat-readers.py make FILE.ply DEGREE            writes a seeded PLY, by hand, without gsply
    20-splat-readers.py sog meta.json COPY              reads SOG by itself, with Pillow's pictures
    20-splat-readers.py compare SOURCE COPY CONTAINER   prints one line for each column that differs

CONTAINER is what the copy must be: ply, spz3 or spz4. The exit code is 1 when anything is wrong.
"""

import gzip
import json
import os
import sys

import gsply
import numpy as np
from PIL import Image

# gsply hands over what is stored. SPZ's axes are right, up, back and PLY's right, down, forward:
# y and z change sign, and with them these SH coefficients (degrees 1 to 3; splats.md 2.3).
AXES = np.array([1, -1, -1], np.float32)
COEFFICIENTS = np.array([-1, -1, 1, -1, 1, 1, -1, 1, -1, 1, -1, -1, 1, -1, 1], np.float32)

# Half a step of SPZ for what it quantises.
STEPS = {
    "positions": 2.0**-13,
    "opacities": 0.5 / 255,
    "colours": 0.5 / 38.25,
    "log scales": 1 / 32,
    "rotations": 0.0022,
    "coefficients": 8.5 / 128,
}
# The log scales that SPZ can hold.
SCALES = (-10, 255 / 16 - 10)


def make(path, degree):
    """Writes 5,000 splats as INRIA's trainer does."""
    random = np.random.default_rng(11)
    count, rest = 5000, 3 * ((int(degree) + 1) ** 2 - 1)
    names = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"]
    names += [f"f_rest_{index}" for index in range(rest)]
    names += ["opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    columns = [
        random.normal(0, 10, (count, 3)),
        np.zeros((count, 3)),
        random.uniform(-2, 2, (count, 3)),
        random.uniform(-0.9, 0.9, (count, rest)),
        random.uniform(-5, 5, (count, 1)),
        random.uniform(-9, 2, (count, 3)),
        random.normal(0, 1, (count, 4)),
    ]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    header += [f"property float {name}" for name in names] + ["end_header", ""]
    with open(path, "wb") as file:
        file.write("\n".join(header).encode() + np.hstack(columns).astype("<f4").tobytes())


def read(path):
    """Returns the columns of a file in PLY's axes."""
    is_spz = path.endswith(".spz")
    cloud = gsply.read_spz(path) if is_spz else gsply.plyread(path)
    rest = cloud.shN if cloud.shN is not None else np.zeros((len(cloud.means), 0, 3), np.float32)
    quaternions = cloud.quats / np.linalg.norm(cloud.quats, axis=1, keepdims=True)
    axes = AXES if is_spz else np.ones(3, np.float32)
    signs = COEFFICIENTS if is_spz else np.ones(15, np.float32)
    return {
        "positions": cloud.means * axes,
        "opacities": 1 / (1 + np.exp(-cloud.opacities.astype(np.float64).reshape(-1))),
        "colours": cloud.sh0.reshape(-1, 3),
        "log scales": cloud.scales,
        # A half turn about x multiplies the imaginary part by (yz, xz, xy).
        "rotations": quaternions * np.concatenate([[1], np.prod(axes) / axes]),
        "coefficients": rest * signs[: rest.shape[1], None],
    }


def read_sog(path):
    """Returns the columns of a SOG in a folder, straight from its description (splats.md 2.6)."""
    with open(path) as file:
        meta = json.load(file)
    folder, count = os.path.dirname(path), meta["count"]

    def picture(name):
        return np.asarray(Image.open(f"{folder}/{name}").convert("RGBA"))

    def pixels(part, place=0):
        return picture(meta[part]["files"][place]).reshape(-1, 4)[:count].astype(np.int64)

    low, high = pixels("means"), pixels("means", 1)
    share = (low[:, :3] + 256 * high[:, :3]) / 65535
    mins, maxs = np.array(meta["means"]["mins"]), np.array(meta["means"]["maxs"])
    stored = mins + share * (maxs - mins)
    quats, sh0 = pixels("quats"), pixels("sh0")
    three = (quats[:, :3] / 255 - 0.5) * 2**0.5
    largest = np.sqrt(np.maximum(0, 1 - (three**2).sum(axis=1)))
    rotations = np.empty((count, 4))
    for part in range(4):
        rows = quats[:, 3] - 252 == part
        rotations[rows] = np.insert(three[rows], part, largest[rows], axis=1)
    rest = np.zeros((count, 0, 3))
    if "shN" in meta:
        bands = meta["shN"]["bands"]
        width = (bands + 1) ** 2 - 1
        labels = pixels("shN", 1)
        label = labels[:, 0] + 256 * labels[:, 1]
        table = picture(meta["shN"]["files"][0])[:, :, :3]
        table = table.reshape(table.shape[0] * 64, width, 3)
        rest = np.array(meta["shN"]["codebook"])[table[label]]
    return {
        "positions": np.sign(stored) * (np.exp(np.abs(stored)) - 1),
        "opacities": sh0[:, 3] / 255,
        "colours": np.array(meta["sh0"]["codebook"])[sh0[:, :3]],
        "log scales": np.array(meta["scales"]["codebook"])[pixels("scales")[:, :3]],
        "rotations": rotations,
        "coefficients": rest,
    }


def compare_sog(source_path, copy_path):
    """Returns a line for each column of a PLY that is not that of the SOG it was made from."""
    source, copy = read_sog(source_path), read(copy_path)
    faults = []
    for column, wanted in source.items():
        found = copy[column]
        if wanted.shape != found.shape:
            faults.append(f"{source_path}: {column} {found.shape}, not {wanted.shape}")
            continue
        worst = float(np.abs(wanted - found).max(initial=0))
        # A logit of an opacity of 0 or 1 is cut off; the rest are roundings of floats.
        bound = 1e-3 if column == "opacities" else 2e-6
        if not worst <= bound:
            faults.append(f"{source_path}: {column} differ by {worst:.3g}, more than {bound:.3g}")
    if not faults:
        print(f"{source_path.split('/')[-2]} of SOG: {len(source['positions'])} splats agree")
    return faults


def container(path):
    """Returns what a file is by its first bytes."""
    with open(path, "rb") as file:
        start = file.read(8)
    if start[:2] == b"\x1f\x8b":
        with gzip.open(path) as file:
            start = file.read(8)
    if start[:4] == b"NGSP":
        return f"spz{int.from_bytes(start[4:8], 'little')}"
    return "ply" if start[:4] == b"ply\n" else f"{start}"


def compare(source_path, copy_path, expected):
    """Returns a line for each column of the copy that is farther from the source than its step."""
    source, copy = read(source_path), read(copy_path)
    name = f"{source_path.rsplit('/', 1)[-1]} as {expected}"
    if container(copy_path) != expected:
        return [f"{name}: the copy is {container(copy_path)}"]
    if len(source["positions"]) != len(copy["positions"]):
        return [f"{name}: {len(copy['positions'])} splats, not {len(source['positions'])}"]
    # Of a compressed PLY the copy may come by way of an SPZ that somebody else made from it.
    is_packed = source_path.endswith(".compressed.ply")
    if is_packed:
        for columns in (source, copy):
            columns["log scales"] = np.clip(columns["log scales"], *SCALES)
    # What is not quantised, or was already, differs by a few float roundings.
    is_exact = (expected == "ply" or source_path.endswith(".spz")) and not is_packed
    faults = []
    for column, limit in STEPS.items():
        if source[column].shape != copy[column].shape:
            faults.append(f"{name}: {column} {copy[column].shape}, not {source[column].shape}")
            continue
        difference = np.abs(source[column] - copy[column])
        if column == "rotations":  # q and -q are one rotation
            other = np.abs(source[column] + copy[column])
            difference = np.minimum(difference.max(axis=1), other.max(axis=1))
        worst = float(difference.max(initial=0))
        # Version 2's rotations are coarser than what the copy stores: they are quantised again.
        bound = 2e-5 if is_exact and column != "rotations" else limit * 1.01
        if is_exact and column == "coefficients" and expected != "ply":
            bound = limit * 1.01  # the source may have been written with finer buckets
        # A NaN is no number of any size.
        if not worst <= bound:
            faults.append(f"{name}: {column} differ by {worst:.3g}, more than {bound:.3g}")
    agreement = " agree" if not faults else ""
    degree = int((source["coefficients"].shape[1] + 1) ** 0.5) - 1
    print(f"{name}: {len(source['positions'])} splats of degree {degree}{agreement}")
    return faults


def main():
    verb, *arguments = sys.argv[1:]
    faults = {"make": make, "compare": compare, "sog": compare_sog}[verb](*arguments)
    for fault in faults or []:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
