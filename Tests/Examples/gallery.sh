#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Takes every output of the courtyard, and its colour through every lens, into a folder to look at:
#
#   gallery.sh [FOLDER]    (default: examples)
#
#   DIORAMA        the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-examples}
diorama=${DIORAMA:-.build/release/diorama}
mkdir -p "$out"

# Renders NAME OPTIONS...
render() {
  local name=$1
  shift
  "$diorama" scene render courtyard --out "$out/$name" --force "$@"
}

size=(--width 480 --height 360)
surfaces=rgb,depth,normals
# A pyramid on the table, so that labels have something to tell.
cat > "$out/pyramid.obj" << 'OBJ'
v -0.2 -0.2 0
v 0.2 -0.2 0
v 0.2 0.2 0
v -0.2 0.2 0
v 0 0 0.4
f 1 2 5
f 2 3 5
f 3 4 5
f 4 1 5
OBJ
render outputs "${size[@]}" --mesh "$out/pyramid.obj" --formats png,npy,exr --outputs \
  rgb,linear,alpha,depth,median-depth,first-depth,normals,world-normals,instances,semantics,coverage,owners,boxes

# The lenses, from one place.
at=(--position 0.9,-0.9,0.5 --look-at -0.4,0.5,0.1)
render pinhole "${size[@]}" "${at[@]}" --fov-degrees 75 --outputs "$surfaces"
render off-centre "${size[@]}" "${at[@]}" --intrinsics 240,240,60,300 --outputs "$surfaces"
render brown-conrady "${size[@]}" "${at[@]}" --fov-degrees 75 --lens brown-conrady \
  --distortion=-0.25,0.06,0.002,-0.001 --outputs "$surfaces"
render fisheye "${size[@]}" "${at[@]}" --fov-degrees 190 --lens fisheye \
  --distortion=-0.01,0.002 --outputs "$surfaces"
render equirectangular --width 720 --height 360 "${at[@]}" --lens equirectangular \
  --outputs "$surfaces"

# The rules of the training codes, a budget, and a sensor.
for profile in inria gsplat gut; do
  render "profile-$profile.png" "${size[@]}" "${at[@]}" --profile "$profile"
done
render budget-60000.png "${size[@]}" "${at[@]}" --splat-budget 60000
render sensor.png "${size[@]}" "${at[@]}" --noise-seed 1 --full-well-electrons 400 --bayer rggb \
  --vignetting cosine-fourth --jpeg-quality 60 --exposure 0.8 --gain 1.5

# Motion: around the table, with flow, with a slow shutter, and as a video.
around=(--position 1.1,-1,0.7 --look-at 0,0,0.1)
render orbit "${size[@]}" "${around[@]}" --orbit 6 --fps 2 --outputs rgb,flow
render rolling-shutter "${size[@]}" "${around[@]}" --orbit 1.5 --fps 2 --shutter-readout-ms 60
render motion-blur "${size[@]}" "${around[@]}" --orbit 6 --fps 1 --shutter-open-ms 120 --shutter-samples 16
render orbit.mp4 "${size[@]}" "${around[@]}" --orbit 6
