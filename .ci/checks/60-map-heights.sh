#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Measures the 160 buildings of Delft in the Dutch survey, and judges roofs and feet by what 3dfier
# made of the same map and the same survey (its LOD1 model). 3dfier counts a neighbour's points that
# lie within 3 m of a corner as a building's own, so low annexes are off: one in four may be.
#
#   DIORAMA        the executable (default: .build/release/diorama)
#   DIORAMA_DATA   the folder of real files (default: ../shared/data); CI=true requires it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
data=${DIORAMA_DATA:-../shared/data}/maps/delft_3dfier
if [[ ! -d $data ]]; then
  if [[ ${CI:-} == true ]]; then
    echo "map-heights: $data is missing" >&2
    exit 1
  fi
  echo "skipped: $data is not here; set DIORAMA_DATA to the folder of real data"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$diorama" map heights "$data"/bgt/bgt_pand.sqlite "$data"/ahn3/*.laz --crs EPSG:7415 --json \
  > "$work/heights.json"
python3 - "$work/heights.json" "$data/output/testarea.json" <<'PY'
import json
import statistics
import sys

ours = {b["id"]: b for b in json.load(open(sys.argv[1]))["buildings"]}
city = json.load(open(sys.argv[2]))["CityObjects"]
theirs = {k: o["attributes"] for k, o in city.items() if o["type"] == "Building"}
assert len(theirs) == 160 and ours.keys() == theirs.keys(), "the same 160 buildings"
roofs, feet = [], []
for key, attributes in theirs.items():
    foot = attributes["min-height-surface"]
    feet.append(abs(ours[key]["foot"] - foot))
    roofs.append(abs(ours[key]["roof"] - foot - attributes["measuredHeight"]))
roof, foot = statistics.median(roofs), statistics.median(feet)
off = sum(error > 0.5 for error in roofs)
print(f"map-heights: 160 buildings: median error of roofs {roof:.3f} m, of feet {foot:.3f} m;"
      f" {off} roofs are off by more than 0.5 m")
assert roof <= 0.25, "the median error of roofs is above 0.25 m"
assert foot <= 0.05, "the median error of feet is above 0.05 m"
assert off <= 40, "more than one roof in four is off by more than 0.5 m"
PY
