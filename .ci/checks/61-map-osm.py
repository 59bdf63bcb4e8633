# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Counts maps with pyosmium and reads terrains with NumPy and tifffile, and compares.

  61-map-osm.py map MAP INFO         what `diorama map info MAP --json` printed is in INFO
  61-map-osm.py make FILE KIND       writes a GeoTIFF of seeded heights
  61-map-osm.py terrain FILE INFO    compares what `map info` said of a terrain
"""

import json
import math
import re
import sys
import tempfile
import zipfile

import numpy as np


def fail(text):
    sys.exit(f"failed: {text}")


def same(name, found, expected, tolerance=0.0):
    if not math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance):
        fail(f"{name}: found {found}, expected {expected}")


def plane(points, origin):
    """East and north of points (degrees) in the frame at `origin`, WGS84, metres."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)

    def ecef(lon, lat):
        n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        return np.stack(
            [
                n * np.cos(lat) * np.cos(lon),
                n * np.cos(lat) * np.sin(lon),
                n * (1 - e2) * np.sin(lat),
            ]
        )

    lon, lat = np.radians(np.asarray(points, dtype=np.float64)).T
    lon0, lat0 = np.radians(origin)
    d = ecef(lon, lat) - ecef(lon0, lat0)[:, None]
    east = -np.sin(lon0) * d[0] + np.cos(lon0) * d[1]
    north = (
        np.cos(lat0) * d[2]
        - np.sin(lat0) * np.cos(lon0) * d[0]
        - np.sin(lat0) * np.sin(lon0) * d[1]
    )
    return east, north


def area(ring, origin):
    east, north = plane(ring, origin)
    return abs(np.sum(east * np.roll(north, -1) - np.roll(east, -1) * north)) / 2


def judge_map(path, info):
    import osmium

    counts = dict.fromkeys(
        ["nodeCount", "wayCount", "relationCount", "outerRingCount", "innerRingCount"]
        + ["brokenAreaCount", "buildingAreaCount", "buildingPartAreaCount", "treeCount"]
        + ["taggedNodeCount", "taggedAreaCount"],
        0,
    )
    buildings = []

    class Counter(osmium.SimpleHandler):
        def node(self, node):
            counts["nodeCount"] += 1
            counts["taggedNodeCount"] += len(node.tags) > 0
            counts["treeCount"] += node.tags.get("natural") == "tree"

        def way(self, way):
            counts["wayCount"] += 1

        def relation(self, relation):
            counts["relationCount"] += 1

        def area(self, area):
            outer, inner = area.num_rings()
            counts["outerRingCount"] += outer
            counts["innerRingCount"] += inner
            counts["brokenAreaCount"] += outer == 0
            if outer == 0:
                return
            counts["taggedAreaCount"] += len(area.tags) > 0
            counts["buildingAreaCount"] += "building" in area.tags
            counts["buildingPartAreaCount"] += "building:part" in area.tags
            if "building" in area.tags:
                for ring in area.outer_rings():
                    buildings.append((1, [(n.lon, n.lat) for n in ring]))
                    for hole in area.inner_rings(ring):
                        buildings.append((-1, [(n.lon, n.lat) for n in hole]))

    # pyosmium wants sorted objects, and places no ways of nodes with negative ids, which maps that
    # were drawn have.
    with tempfile.TemporaryDirectory() as folder:
        ordered, source = f"{folder}/sorted.osm.pbf", path
        if path.endswith(".osm"):
            source = f"{folder}/positive.osm"
            with open(path, encoding="utf-8") as old, open(source, "w", encoding="utf-8") as new:
                new.write(re.sub(r"(\b(?:id|ref)=['\"])-(\d+)", r"\g<1>9000000\2", old.read()))
        reader = osmium.MergeInputReader()
        reader.add_file(source)
        with osmium.SimpleWriter(ordered) as writer:
            reader.apply(writer)
        Counter().apply_file(ordered, locations=True)
    for name, expected in counts.items():
        same(f"{path}: {name}", info[name], expected)
    if buildings:
        west, south, east, north = info["bounds"]
        origin = ((west + east) / 2, (south + north) / 2)
        expected = sum(sign * area(ring, origin) for sign, ring in buildings)
        same(f"{path}: buildingSquareMetres", info["buildingSquareMetres"], expected, 1e-6)
    name = path.rsplit("/", 1)[-1]
    print(f"{name}: {counts['nodeCount']} nodes, {len(buildings)} rings of buildings")


def heights(path):
    """The heights of a terrain, row by row from the north; NaN where nobody knows."""
    if path.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            plain = np.frombuffer(archive.read(archive.namelist()[0]), dtype=">i2")
        side = math.isqrt(plain.size)
        values = plain.astype(np.float64).reshape(side, side)
        return np.where(values == -32768, np.nan, values)
    import tifffile

    values = tifffile.imread(path).astype(np.float64)
    return np.where(values == VOID, np.nan, values)


VOID = 9999
SIZE = (300, 170)


def make(path, kind):
    import tifffile

    rng = np.random.default_rng(7)
    values = rng.integers(0, 3000, size=SIZE)
    values[10:20, 30:35] = VOID
    values = values.astype({"f": np.float32, "u": np.uint16}.get(kind[0], np.int16))
    if kind == "float32-tiles":
        values[values != VOID] += np.float32(0.25)
    keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32635]
    tifffile.imwrite(
        path,
        values,
        byteorder=">" if kind == "big-endian" else "<",
        tile=(64, 48) if kind == "float32-tiles" else None,
        rowsperstrip=None if kind == "float32-tiles" else 7,
        compression="zlib" if "deflate" in kind or "tiles" in kind else None,
        extratags=[
            (33550, "d", 3, (10.0, 10.0, 0.0), True),
            (33922, "d", 6, (0.0, 0.0, 0.0, 385000.0, 6672000.0, 0.0), True),
            (34735, "H", len(keys), keys, True),
            (42113, "s", 0, str(VOID), True),
        ],
    )


def judge_terrain(path, info):
    values = heights(path)
    same(f"{path}: rowCount", info["rowCount"], values.shape[0])
    same(f"{path}: columnCount", info["columnCount"], values.shape[1])
    same(f"{path}: voidCount", info["voidCount"], int(np.isnan(values).sum()))
    same(f"{path}: lowest", info["lowest"], np.nanmin(values))
    same(f"{path}: highest", info["highest"], np.nanmax(values))
    same(f"{path}: meanHeight", info["meanHeight"], np.nanmean(values), 1e-9)
    if path.endswith(".tif"):
        # The tie point is the corner of a sample of ten metres.
        if info["northWest"] != [385005, 6671995] or info["system"] != "EPSG:32635":
            fail(f"{path}: found {info['northWest']} in {info['system']}")
    print(f"{path.rsplit('/', 1)[-1]}: {values.shape[1]} x {values.shape[0]} heights")


if __name__ == "__main__":
    verb, path, extra = sys.argv[1:4]
    if verb == "make":
        make(path, extra)
    else:
        with open(extra, encoding="utf-8") as file:
            info = json.load(file)
        (judge_map if verb == "map" else judge_terrain)(path, info)
