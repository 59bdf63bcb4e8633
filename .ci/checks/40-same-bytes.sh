#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The same seed gives the same bytes: for one and two threads, and after kills and --resume. And the
# dataset that comes out has nothing that our own validator finds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "same bytes: $1" >&2
  exit 1
}

"$diorama" assets fetch so101
run() {
  "$diorama" run tabletop --episodes 3 --seed 11 --out "$work/$1" "${@:2}"
}
run one --threads 1 > "$work/log"
run two --threads 2 > "$work/log"
cmp "$work/one/MANIFEST.sha256" "$work/two/MANIFEST.sha256" || fail "threads change the bytes"

# Killed without a warning, stopped with one, and taken up again each time.
for signal in KILL INT KILL; do
  run killed --threads 2 --resume > "$work/log" 2>&1 &
  sleep 4
  kill "-$signal" $! 2> /dev/null || true
  wait $! || true
done
run killed --threads 2 --resume > "$work/log" 2>&1 || fail "cannot resume: $(cat "$work/log")"
cmp "$work/one/MANIFEST.sha256" "$work/killed/MANIFEST.sha256" || fail "kills change the bytes"
(cd "$work/killed" && sha256sum --quiet --check MANIFEST.sha256) || fail "the manifest is wrong"

"$diorama" dataset validate "$work/one" --deep
cut -c 1-64 <(sha256sum "$work/one/MANIFEST.sha256")
