#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Has others read what `scene render` writes: NumPy its NPY, OpenCV its 16-bit PNG, the OpenEXR
# library its EXR; all three must hold the same numbers. Then gives the renderer ten million splats
# that are nothing but noise, and ten million of zeros: both end with a picture.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: in .cache)
#   DIORAMA        the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-render}
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source .ci/environment.bash
environment "$venv" "$here/55-scene-render.txt"

outputs=linear,alpha,depth,median-depth,first-depth,normals,world-normals,instances,semantics
"$diorama" scene render courtyard --width 321 --height 203 --out "$work/one" \
  --formats png,npy,exr --outputs "rgb,$outputs,coverage,owners" > "$work/log"
"$diorama" scene render courtyard --width 320 --height 240 --out "$work/many" --orbit 1 --fps 3 \
  --formats png,npy,exr --outputs rgb,flow > "$work/log"
"$venv/bin/python" "$here/55-scene-render.py" "$work"

# A row of a .splat file has 32 bytes.
size=$((10000000 * 32))
head -c $size /dev/zero > "$work/zeros.splat"
openssl enc -aes-128-ctr -K 0 -iv 0 -in "$work/zeros.splat" -out "$work/noise.splat" 2> /dev/null
for name in zeros noise; do
  "$diorama" scene render "$work/$name.splat" --width 640 --height 480 --position 0,0,-3 \
    --look-at 0,0,0 --splat-budget 2000000 --outputs rgb,depth,normals --out "$work/$name" \
    --json > "$work/log" 2> "$work/errors" || {
    echo "ten million $name: ended with $?"
    cat "$work/errors"
    exit 1
  }
  [[ -s $work/$name/rgb.png && -s $work/$name/depth.png && -s $work/$name/normals.png ]]
  rm "$work/$name.splat"
  echo "ten million $name: $(grep -m 1 omittedCount "$work/log")"
done
