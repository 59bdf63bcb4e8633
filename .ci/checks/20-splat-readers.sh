#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Converts splat files to PLY, SPZ 3 and SPZ 4 with Diorama and has gsply, which shares no code
# with it, read both ends: seeded PLYs of its own at SH degrees 0 to 3 and, where ../shared/data is
# there, two real captures, one of which is also there as a compressed PLY.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: in .cache)
#   DIORAMA        the executable (default: .build/release/diorama)
#   DIORAMA_DATA   the folder of real files (default: ../shared/data)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-splats}
diorama=${DIORAMA:-.build/release/diorama}
data=${DIORAMA_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source .ci/environment.bash
environment "$venv" "$here/20-splat-readers.txt"

judge() {
  "$venv/bin/python" "$here/20-splat-readers.py" "$@"
}

# Writes a copy of SOURCE as CONTAINER and has it judged against SOURCE, or against ORIGINAL.
check() {
  local source=$1 container=$2 original=${3:-$1} copy options=()
  copy=$work/copy.${container%[34]}
  [[ $container == spz* ]] && options=(--spz-version "${container#spz}")
  "$diorama" scene import "$source" --out "$copy" "${options[@]}" > "$work/log" 2>&1 || {
    cat "$work/log" >&2
    echo "failed: scene import $source --out $copy ${options[*]}" >&2
    exit 1
  }
  judge compare "$original" "$copy" "$container"
  rm "$copy"
}

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

sources=()
for degree in 0 1 2 3; do
  judge make "$work/seeded-$degree.ply" "$degree"
  sources+=("$work/seeded-$degree.ply")
done
for real in splats/up_house/fourth_st.spz splats/biker/biker.spz; do
  if has "$real"; then sources+=("$data/$real"); fi
done
for source in "${sources[@]}"; do
  for container in ply spz3 spz4; do check "$source" "$container"; done
done
packed=splats/biker/biker.compressed.ply
if has "$packed"; then
  check "$data/splats/biker/biker.spz" ply "$data/$packed"
  # The compressed PLY as Diorama reads it, and as gsply does.
  check "$data/$packed" ply
fi
for level in 1 3 6; do
  sog=splats/playbot_lod/${level}_0/meta.json
  has "$sog" || continue
  "$diorama" scene import "$data/$sog" --out "$work/sog.ply" > /dev/null
  judge sog "$data/$sog" "$work/sog.ply"
  rm "$work/sog.ply"
done
