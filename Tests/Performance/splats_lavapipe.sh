#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The stress scenes of peers/splats_lavapipe.py at 640 x 480, with Diorama and with dim-go2-sim's
# splat camera on Mesa's Vulkan for CPUs, turn about. Fails when Diorama is not ten times as fast.
#
#   Tests/Performance/splats_lavapipe.sh [ROUNDS [SPLATS...]]
#
# See beside.bash. Ends with 77 when something that it needs is not there. Downloads 30 MB once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Tests/Performance/beside.bash

rounds=${1:-2} counts=("${@:2}")
((${#counts[@]})) || counts=(100000 500000 2700000)
driver=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json
[[ -f $peers/splats_lavapipe.py ]] || skip "no $peers/splats_lavapipe.py: set DIORAMA_SHARED"
[[ -f $driver ]] || skip "no $driver: apt-get install mesa-vulkan-drivers"
environment splats_lavapipe
unpacked splats_lavapipe-wheel.txt .cache/peer-lavapipe dim_go2_sim

theirs() {
  (cd .cache/peer-lavapipe && VK_ICD_FILENAMES=$driver \
    "$venv/bin/python" "$peers/splats_lavapipe.py" "$1" 640 480 2> "$work/log") |
    sed -n 's/.* fps=\([0-9.]*\).*/\1/p' >> "$work/$1-theirs" || cat "$work/log" >&2
}

heading lavapipe
for count in "${counts[@]}"; do
  "$venv/bin/python" "$here/stress_to_ply.py" "$count" "$work/scene.ply"
  for ((round = 0; round < rounds; round++)); do
    # The peer looks along (-1, 0, -0.15) with 60 degrees from top to bottom.
    ours "$count" --scene "$work/scene.ply" --width 640 --height 480 --position 2.5,0,1.2 \
      --look-at 1.5,0,1.05
    theirs "$count"
  done
  row "$count" 10 30
done
exit $behind
