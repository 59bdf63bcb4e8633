#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0

# Draws a million splats at 1280 x 720 with Diorama and with the splat prototype of the shared
# folder, in turns in one run, and prints both and their ratio. The scenes are two draws of one
# distribution (SplatBenchmark.room and peers/splat_scene.py), the view is the same.
#
#     Tests/Performance/splats.sh [SPLATS WIDTH HEIGHT THREADS]
#
# DIORAMA_SHARED: the shared folder, ../shared by default. DIORAMA: the executable,
# .build/release/diorama by default. Needs clang++, libhwy-dev, python3 with numpy.
set -euo pipefail
cd "$(dirname "$0")/../.."

splats=${1:-1000000} width=${2:-1280} height=${3:-720} threads=${4:-$(nproc)}
shared=${DIORAMA_SHARED:-../shared}
diorama=${DIORAMA:-.build/release/diorama}
prototype=$shared/prototypes/splat-kernels
rounds=3 pictures=9

[[ -x $diorama ]] || { echo "splats.sh: $diorama is missing: swift build -c release" >&2; exit 1; }
[[ -d $prototype ]] || { echo "splats.sh: $prototype is missing: set DIORAMA_SHARED" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/include"
cp "$prototype/csplat.h" "$work/include/"
cp "$prototype"/{hwy,hwy3,clones}.cpp "$work/"
clang++ -O3 -std=c++17 -I"$work" -I"$work/include" -o "$work/prototype" \
  Tests/Performance/prototype_frame.cpp "$work"/{hwy,hwy3,clones}.cpp -lhwy -lpthread
python3 "$shared/peers/splat_scene.py" "$splats" "$work/scene.bin" > /dev/null

for ((round = 0; round < rounds; round++)); do
  "$work/prototype" "$work/scene.bin" "$width" "$height" "$threads" "$pictures" \
    | tee -a "$work/prototype.txt"
  "$diorama" bench splats --json --count "$splats" --width "$width" --height "$height" \
    --threads "$threads" --pictures "$pictures" | tee -a "$work/diorama.json"
done

python3 - "$work" <<'PYTHON'
import json, re, sys

work = sys.argv[1]
text = open(f"{work}/diorama.json").read()
decoder, at, ours = json.JSONDecoder(), 0, []
while at < len(text):
    value, at = decoder.raw_decode(text, at)
    ours.append(value["bestMillisecondsPerPicture"])
    at += len(text[at:]) - len(text[at:].lstrip())
theirs = [float(x) for x in re.findall(r"best ([\d.]+)", open(f"{work}/prototype.txt").read())]
print(f"best picture: prototype {min(theirs):.1f} ms, diorama {min(ours):.1f} ms, "
      f"ratio {min(ours) / min(theirs):.2f} (at most 1.2 is asked)")
PYTHON
