#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Has pyosmium count what `map info` says of real and awkward maps of OpenStreetMap, to the square
# metre of their buildings, and NumPy and tifffile read the terrains that it reads. Then imports the
# centre of Helsinki with one thread and with two: the same bytes, which `scene check` finds right.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: in .cache)
#   DIORAMA        the executable (default: .build/release/diorama)
#   DIORAMA_DATA   the folder of real files (default: ../shared/data)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-maps}
diorama=${DIORAMA:-.build/release/diorama}
data=${DIORAMA_DATA:-../shared/data}/maps
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source .ci/environment.bash
environment "$venv" "$here/61-map-osm.txt"

judge() { "$venv/bin/python" "$here/61-map-osm.py" "$@"; }

# Whether a real file is there; on the build server it must be.
has() {
  [[ -e $data/$1 ]] && return
  if [[ ${CI:-} == true ]]; then
    echo "$data/$1 is missing" >&2
    exit 1
  fi
  echo "skipped $1: $data has no such file"
  return 1
}

maps=()
if has helsinki_osm; then maps+=("$data/helsinki_osm/Helsinki.osm.pbf"); fi
if has srtm_osm2world; then
  for map in "$data"/srtm_osm2world/osm/*.osm; do
    # JOSM marks what is to be deleted in a way that only JOSM's and our reader know.
    grep -q "action='delete'" "$map" || maps+=("$map")
  done
fi
for map in "${maps[@]}"; do
  "$diorama" map info "$map" --json > "$work/info.json"
  judge map "$map" "$work/info.json"
done

for kind in int16-strips float32-tiles uint16-deflate big-endian; do
  judge make "$work/$kind.tif" "$kind"
  "$diorama" map info "$work/$kind.tif" --json > "$work/info.json"
  judge terrain "$work/$kind.tif" "$work/info.json"
done
if has srtm_osm2world; then
  tile=$data/srtm_osm2world/N04E034.SRTMGL3.hgt.zip
  "$diorama" map info "$tile" --json > "$work/info.json"
  judge terrain "$tile" "$work/info.json"
fi

if has helsinki_osm; then
  for threads in 1 2; do
    "$diorama" map import "$data/helsinki_osm/Helsinki.osm.pbf" --density 0.25 \
      --threads "$threads" --out "$work/$threads.diorama" > "$work/log"
  done
  cmp "$work/1.diorama" "$work/2.diorama"
  "$diorama" scene check "$work/1.diorama"
fi
