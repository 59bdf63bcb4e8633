# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Reads what `diorama scene render` wrote with NumPy, OpenCV and OpenEXR, and compares."""

import io
import pathlib
import sys

import cv2
import numpy as np
import OpenEXR


def png(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None, f"OpenCV cannot read {path}"
    return image[..., ::-1] if image.ndim == 3 else image


def npy(path):
    array = np.load(path, allow_pickle=False)
    again = io.BytesIO()
    np.save(again, array)
    assert again.getvalue() == path.read_bytes(), f"NumPy would write {path} otherwise"
    return array


def exr(path, names):
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = file.channels()
        assert sorted(channels) == sorted(names), f"{path} has the channels {sorted(channels)}"
        planes = [channels[name].pixels for name in names]
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)


def expect(holds, path, what):
    if not holds:
        sys.exit(f"{path}: {what}")


def check(folder, name, channels, step=None, scale=1.0):
    """The three files of an output hold the same numbers; PNG to half a step of `scale`."""
    array = npy(folder / f"{name}.npy")
    expect(np.isfinite(array).all(), name, "not finite")
    other = exr(folder / f"{name}.exr", channels)
    expect(array.dtype == other.dtype and np.array_equal(array, other), name, "EXR differs")
    if step is not None:
        image = png(folder / f"{name}.png")
        wanted = np.clip(array.astype(np.float64) / scale, 0, np.iinfo(image.dtype).max)
        largest = np.abs(image - wanted).max()
        expect(largest <= step, name, f"PNG differs by {largest} steps")
    print(f"{name}: {array.dtype} {array.shape}, {array.min():.6g} to {array.max():.6g}")
    return array


def main():
    one = pathlib.Path(sys.argv[1]) / "one"
    rgb = npy(one / "rgb.npy")
    expect(rgb.shape == (203, 321, 3) and np.array_equal(rgb, png(one / "rgb.png")), "rgb", "PNG")
    # 65535 steps in a float of 24 bits: a hundredth of a step is lost.
    half = 0.51
    linear = check(one, "linear", ["R", "G", "B"], half, 1 / 65535)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    expect(np.abs(np.clip(srgb, 0, 1) * 255 - rgb).max() <= 0.51, "linear", "is not that of rgb")
    for name in ("alpha", "coverage"):
        share = check(one, name, ["A"], half, 1 / 65535)
        expect(share.min() >= 0 and share.max() <= 1, name, "beyond 0 to 1")
    for name in ("depth", "median-depth", "first-depth"):
        depth = check(one, name, ["Z"], half, 0.001)
        valid = npy(one / f"{name}-valid.npy")
        expect(valid.dtype == bool and np.array_equal(valid, depth > 0), name, "another mask")
        expect(np.array_equal(png(one / f"{name}-valid.png") == 255, valid), name, "PNG mask")
    for name in ("normals", "world-normals"):
        normals = check(one, name, ["X", "Y", "Z"])
        length = np.linalg.norm(normals, axis=-1)
        expect(np.all((np.abs(length - 1) < 1e-5) | (length == 0)), name, "not unit")
        wanted = np.where((length > 0)[..., None], 127.5 * (normals + 1), 0)
        expect(np.abs(png(one / f"{name}.png") - wanted).max() <= half, name, "PNG differs")
    for name in ("instances", "semantics", "owners"):
        check(one, name, ["id"], 0)

    many = pathlib.Path(sys.argv[1]) / "many"
    for name in ("flow/000000", "flow/000001", "flow-back/000001", "flow-back/000002"):
        flow = check(many, name, ["X", "Y"])
        kind, number = name.split("/")
        fates = npy(many / f"{kind}-fate/{number}.npy")
        expect(np.array_equal(png(many / f"{kind}-fate/{number}.png"), fates), name, "fates")
        expect(fates.max() <= 3 and np.all(flow[fates == 0] == 0), name, "a fate beyond 3")
        # What is seen on the other picture lies on it, and what lies beside it is not.
        place = flow + np.stack(np.meshgrid(np.arange(320) + 0.5, np.arange(240) + 0.5), -1)
        beside = np.max(np.maximum(-place, place - np.array([320, 240])), -1)
        on = (fates == 1) | (fates == 2)
        expect(
            np.all(beside[on] < 1e-3) and np.all(beside[fates == 3] > -1e-3), name, "outside")


main()
