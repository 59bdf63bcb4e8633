#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# An episode inside a real capture: the garden's table is found and stood on where it is seen, the
# teacher does what it is asked to, and the dataset has nothing that our own validator finds.
#
#   DIORAMA        the executable (default: .build/release/diorama)
#   DIORAMA_DATA   the folder of real files (default: ../shared/data); CI=true requires it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
export DIORAMA_DATA=${DIORAMA_DATA:-../shared/data}
capture=$DIORAMA_DATA/splats/garden_points/test_garden.npz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "garden: $1" >&2
  exit 1
}

if [[ ! -e $capture ]]; then
  [[ ${CI:-} != true ]] || fail "$capture is missing"
  echo "skipped: $capture is not here; set DIORAMA_DATA to the folder of real data"
  exit 0
fi

# The number of a name in JSON that Diorama wrote, one name a line.
number() { sed -n "s/^ *\"$1\" : \\([0-9.e-]*\\),*\$/\\1/p" "$2"; }

"$diorama" assets fetch so101
"$diorama" world validate garden --json > "$work/verdict" || fail "$(cat "$work/verdict")"
millimetres=$(number medianErrorMillimetres "$work/verdict")
strays=$(number strays "$work/verdict")
echo "picture and physics are $millimetres mm apart, $strays rays astray"
awk -v error="$millimetres" -v strays="$strays" \
  'BEGIN { exit !(error != "" && error < 1 && strays != "" && strays < 10) }' ||
  fail "the table is not stood on where it is seen"

"$diorama" run garden --episodes 1 --seed 1 --out "$work/out" --json > "$work/report"
[[ $(number successes "$work/report") == 1 ]] || fail "the teacher failed: $(cat "$work/report")"
"$diorama" dataset validate "$work/out" --deep
[[ -s $work/out/contact-sheet.png ]] || fail "no contact sheet"
