#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Converts splat files with Diorama and has gsply, which shares no code with it, read both ends:
# a seeded PLY of its own and, where ../shared/data is there, two real captures.
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

# The mark holds the pins' checksum, so that new pins make the environment anew.
pins=$(sha256sum "$here/20-splat-readers.txt" | cut -d ' ' -f 1)
if [[ $(cat "$venv/splat-pins" 2> /dev/null) != "$pins" ]]; then
  echo "making $venv"
  [[ -x $venv/bin/python ]] || python3.11 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$here/20-splat-readers.txt"
  echo "$pins" > "$venv/splat-pins"
fi

judge() {
  "$venv/bin/python" "$here/20-splat-readers.py" "$@"
}

convert() {
  "$diorama" scene import "$1" --out "$2" > "$work/log" 2>&1 || {
    cat "$work/log" >&2
    echo "failed: scene import $1 --out $2" >&2
    exit 1
  }
}

judge make "$work/seeded.ply"
sources=("$work/seeded.ply")
for real in splats/up_house/fourth_st.spz splats/biker/biker.spz; do
  if [[ -e $data/$real ]]; then
    sources+=("$data/$real")
  elif [[ ${CI:-} == true ]]; then
    echo "$data/$real is missing" >&2
    exit 1
  else
    echo "skipped $real: $data has no such file"
  fi
done
for source in "${sources[@]}"; do
  for ending in spz ply; do
    convert "$source" "$work/copy.$ending"
    judge compare "$source" "$work/copy.$ending"
    rm "$work/copy.$ending"
  done
done
