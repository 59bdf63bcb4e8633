# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Judges what Diorama's kernels made of seeded scenes: gsplat's own torch code, run in doubles,
must find the same means, conics, depths, opacities and colours, and its blending the same pictures.

    25-gsplat.py FOLDER     reads scene-*.json; the exit code is 1 when a scene is out of bounds

gsplat blends on CUDA only; `blend` below is its rule, RasterizeToPixels3DGSDevice.cuh, in torch.
One number is not that of the 1.5.3 that is installed here: an alpha ends at 0.99, as in gsplat's
later code and in INRIA's, and not at 0.999.
"""

import json
import pathlib
import sys

import torch
from gsplat.cuda import _torch_impl as gsplat

MAXIMUM_ALPHA = 0.99
LEAST_ALPHA = 1 / 255
# gsplat keeps a splat that antialiasing dims from fading below this.
LEAST_COMPENSATION = 0.005

# Diorama works in floats, which have seven digits; of a splat close to the eye or far from the axis
# some are lost to the division by depth. Means are judged relative to how far they lie from the
# axis, conics to their largest entry. Seen in these scenes: less than a third of each bound.
BOUNDS = {
    "means": 2e-6,  # of 100 pixels and the distance from the axis
    "conics": 6e-6,
    "depths": 3e-6,  # metres, up to 6
    "opacities": 3e-6,
    "colours": 2e-6,
    "picture": 6e-6,
    "alpha": 6e-6,
}


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def project(scene):
    """Returns what gsplat makes of a scene's splats, each a column over all of them."""
    cloud = scene["cloud"]
    positions, scales = tensor(cloud["positions"]), tensor(cloud["logScales"]).exp()
    rotation = tensor(scene["rotationColumns"]).T
    view = torch.eye(4, dtype=torch.float64)
    view[:3, :3], view[:3, 3] = rotation, tensor(scene["translation"])
    (fx, fy), (cx, cy) = scene["focal"], scene["principal"]
    intrinsics = tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    covariances, _ = gsplat._quat_scale_to_covar_preci(
        tensor(cloud["rotations"]), scales, compute_preci=False
    )
    radii, means, depths, conics, compensations = gsplat._fully_fused_projection(
        positions, covariances, view[None], intrinsics[None], scene["width"], scene["height"],
        near_plane=scene["near"], far_plane=scene["far"], calc_compensations=True,
    )
    opacities = torch.sigmoid(tensor(cloud["opacityLogits"]))
    if scene["antialiased"]:
        opacities = opacities * compensations[0].clamp(min=LEAST_COMPENSATION)
    degree = scene["degree"]
    rest = tensor(cloud["shRest"]).reshape(len(positions), -1, 3)
    coefficients = torch.cat([tensor(cloud["sh0"])[:, None], rest], dim=1)
    eye = -rotation.T @ tensor(scene["translation"])
    colours = gsplat._spherical_harmonics(degree, positions - eye, coefficients)
    return {
        "radii": radii[0].amin(dim=-1),
        "means": means[0],
        "conics": conics[0],
        "depths": depths[0],
        "opacities": opacities,
        "colours": (colours + 0.5).clamp(min=0),
    }


def alphas(splats, index, xs, ys):
    """Returns what a splat hides at points of the image."""
    a, b, c = splats["conics"][index]
    dx, dy = splats["means"][index, 0] - xs, splats["means"][index, 1] - ys
    sigma = 0.5 * (a * dx * dx + c * dy * dy) + b * dx * dy
    return splats["opacities"][index] * torch.exp(-sigma)


def blend(scene, splats, order, xs, ys):
    """Returns the colours and alphas of the pixels around some points of the image."""
    colour, left = torch.zeros(*xs.shape, 3, dtype=torch.float64), torch.ones_like(xs)
    is_done = torch.zeros_like(xs, dtype=torch.bool)
    for index in order:
        alpha = alphas(splats, index, xs, ys).clamp(max=MAXIMUM_ALPHA)
        is_drawn = (alpha >= LEAST_ALPHA) & ~is_done
        after = left * (1 - alpha)
        is_done |= is_drawn & (after <= 1e-4)
        is_drawn &= ~is_done
        weight = torch.where(is_drawn, alpha * left, 0)
        colour += weight[..., None] * splats["colours"][index]
        left = torch.where(is_drawn, after, left)
    return colour + left[..., None] * tensor(scene["background"]), 1 - left


def judge(scene):
    """Returns the largest difference of each quantity, and the faults that are no differences."""
    splats, seen, faults = project(scene), scene["seen"], []
    ids = [splat["source"] for splat in seen]
    found = {name: tensor([splat[key] for splat in seen]) for name, key in [
        ("means", "mean"), ("conics", "conic"), ("depths", "depth"), ("opacities", "opacity"),
        ("colours", "colour")]}
    worst = {}
    for name, values in found.items():
        difference = (values - splats[name][ids]).abs()
        if name == "means":
            distance = (splats[name][ids] - tensor(scene["principal"])).norm(dim=-1)
            difference = difference.amax(dim=-1) / (100 + distance)
        if name == "conics":
            difference = difference.amax(dim=-1) / splats[name][ids].abs().amax(dim=-1)
        worst[name] = float(difference.max())
    if not bool((splats["radii"][ids] > 0).all()):
        faults.append("a splat is seen that gsplat culls")
    if sorted(ids, key=lambda index: float(splats["depths"][index])) != ids:
        faults.append("the order is not that of gsplat's depths")
    ys, xs = torch.meshgrid(
        torch.arange(scene["height"]) + 0.5, torch.arange(scene["width"]) + 0.5, indexing="ij"
    )
    drawn = [
        index for index in torch.argsort(splats["depths"], stable=True).tolist()
        if splats["radii"][index] > 0
    ]
    for index in set(drawn) - set(ids):
        if float(alphas(splats, index, xs, ys).max()) >= LEAST_ALPHA:
            faults.append(f"splat {index} is missing")
    picture, alpha = blend(scene, splats, drawn, xs.double(), ys.double())
    shape = (scene["height"], scene["width"])
    worst["picture"] = float(
        (tensor(scene["picture"]["colour"]).reshape(*shape, 3) - picture).abs().max())
    worst["alpha"] = float((tensor(scene["picture"]["alpha"]).reshape(shape) - alpha).abs().max())
    # A NaN is no number of any size.
    faults += [
        f"{name} differ by {value:.3g}, more than {BOUNDS[name]:.3g}"
        for name, value in worst.items() if not value <= BOUNDS[name]
    ]
    return worst, len(ids), faults


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("scene-*.json"))
    largest, seen, failed = dict.fromkeys(BOUNDS, 0.0), 0, not paths
    for path in paths:
        scene = json.loads(path.read_text())
        worst, count, faults = judge(scene)
        seen += count
        largest = {name: max(largest[name], worst[name]) for name in BOUNDS}
        for fault in faults:
            failed = True
            print(f"{path.name}, degree {scene['degree']}: {fault}", file=sys.stderr)
    summary = ", ".join(f"{name} {value:.2g}" for name, value in largest.items())
    print(f"gsplat: {len(paths)} scenes, {seen} splats seen; largest differences: {summary}")
    sys.exit(1 if failed else 0)


main()
