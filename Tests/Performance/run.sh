#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Camera frames a second: the main job as a whole beside MuJoCo's own renderer on OSMesa drawing the
# bare robot, in one run. A camera frame of ours is 256 x 256 colour, depth and instances of the robot
# among 200 k splats, with physics, teacher, video, PNG and files; a frame of the rival is 256 x 256
# colour, depth and segmentation of the robot alone, kept nowhere.
#
#   DIORAMA    the executable (default: .build/release/diorama)
#   EPISODES   how many episodes of ours (default: 6)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
venv=.cache/venv-mujoco
ldconfig -p | grep -q libOSMesa.so.8 || {
  echo "libOSMesa is missing: apt-get install libosmesa6" >&2
  exit 1
}
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check mujoco==4.0.0 numpy

"$diorama" assets fetch so101 > /dev/null
entry=$("$diorama" assets list --json \
  | "$venv/bin/python" -c 'import json, sys
print(next(a["entry"] for a in json.load(sys.stdin)["assets"] if a["name"] == "so101"))')

rival() {
  for _ in $(seq "$1"); do
    MUJOCO_GL=osmesa timeout 120 "$venv/bin/python" Tests/Performance/run_osmesa.py "$entry" &
  done | awk '{ sum += $1 } END { printf "%.1f", sum }'
}

ours() {
  "$diorama" bench run --episodes "${EPISODES:-6}" --threads "$1" --json \
    | "$venv/bin/python" -c 'import json, sys; print(f"""{json.load(sys.stdin)["cameraFramesPerSecond"]:.1f}""")'
}

echo "threads  MuJoCo on OSMesa  Diorama, whole job   (camera frames/s, 256x256)"
for threads in 1 2; do
  printf '%7d  %16s  %18s\n' "$threads" "$(rival "$threads")" "$(ours "$threads")"
done
