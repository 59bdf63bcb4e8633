#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0

# Draws a million splats at 1280 x 720 with Diorama and with the splat prototype of the shared
# folder, turn about, and prints the best and the median of each. Both draw the one scene that
# peers/splat_scene.py writes, from one view. Fails when Diorama's best is over the prototype's; a
# time 1.5 times as short is the goal.
#
#     Tests/Performance/splats.sh [SPLATS WIDTH HEIGHT THREADS ROUNDS]
#
# DIORAMA_SHARED: the shared folder (default: ../shared). DIORAMA: the executable (default:
# .build/release/diorama). Ends with 77 when something that it needs is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

splats=${1:-1000000} width=${2:-1280} height=${3:-720} threads=${4:-$(nproc)} rounds=${5:-4}
shared=${DIORAMA_SHARED:-../shared}
diorama=${DIORAMA:-.build/release/diorama}
prototype=$shared/prototypes/splat-kernels
pictures=9

skip() {
  echo "splats.sh: skipped: $1"
  exit 77
}
[[ -x $diorama ]] || skip "no $diorama: make release"
[[ -d $prototype ]] || skip "no $prototype: set DIORAMA_SHARED"
[[ -f $shared/peers/splat_scene.py ]] || skip "no $shared/peers/splat_scene.py"
command -v clang++ > /dev/null || skip "no clang++"
# The scene is made with numpy; the environments of the checks have it where the system has not.
for python in python3 .cache/venv-*/bin/python none; do
  if "$python" -c 'import numpy' 2> /dev/null; then break; fi
done
[[ $python != none ]] || skip "no python3 with numpy, which makes the scene"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/include"
cp "$prototype/csplat.h" "$work/include/"
cp "$prototype"/{hwy,hwy3,clones}.cpp "$work/"
clang++ -O3 -std=c++17 -I"$work" -I"$work/include" -o "$work/prototype" \
  Tests/Performance/prototype_frame.cpp "$work"/{hwy,hwy3,clones}.cpp -lhwy -lpthread
"$python" "$shared/peers/splat_scene.py" "$splats" "$work/scene.bin" > /dev/null
"$python" Tests/Performance/scene_to_ply.py "$work/scene.bin" "$work/scene.ply"

draw_prototype() {
  "$work/prototype" "$work/scene.bin" "$width" "$height" "$threads" "$pictures" |
    sed -n 's/.*best \([0-9.]*\) median \([0-9.]*\).*/\1 \2/p' >> "$work/theirs"
}
draw_diorama() {
  "$diorama" bench splats --json --scene "$work/scene.ply" --width "$width" \
    --height "$height" --threads "$threads" --pictures "$pictures" > "$work/json"
  echo "$(sed -n 's/.*"bestMillisecondsPerPicture" *: *\([0-9.]*\).*/\1/p' "$work/json")" \
    "$(sed -n 's/.*"millisecondsPerPicture" *: *\([0-9.]*\).*/\1/p' "$work/json")" >> "$work/ours"
}
best() { cut -d ' ' -f 1 "$work/$1" | sort -n | head -n 1; }
median() { cut -d ' ' -f 2 "$work/$1" | sort -n | sed -n "$((rounds / 2 + 1))p"; }

for ((round = 0; round < rounds; round++)); do
  if ((round % 2)); then draw_diorama; draw_prototype; else draw_prototype; draw_diorama; fi
done
echo "$splats splats at ${width}x$height on $threads threads, $rounds rounds of $pictures, ms"
printf 'prototype  best %.1f, median %.1f\n' "$(best theirs)" "$(median theirs)"
printf 'Diorama    best %.1f, median %.1f\n' "$(best ours)" "$(median ours)"
awk -v t="$(best theirs)" -v o="$(best ours)" \
  'BEGIN { printf "%.2f times as fast (1 is asked, 1.5 the goal)\n", t / o; exit o > t }'
