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
job=("$diorama" run tabletop --episodes 5 --seed 11 --out)
"${job[@]}" "$work/one" --threads 1 > "$work/log"
"${job[@]}" "$work/two" --threads 2 > "$work/log"
cmp "$work/one/MANIFEST.sha256" "$work/two/MANIFEST.sha256" || fail "threads change the bytes"

# Killed without a warning, stopped with one, each time amid the episode after the next one stored.
mkdir "$work/killed"
stored() { find "$work/killed" -name '*.episode' | wc -l; }
for signal in KILL INT KILL; do
  before=$(stored)
  "${job[@]}" "$work/killed" --threads 2 --resume > "$work/log" 2>&1 &
  for ((wait = 0; wait < 600; wait++)); do
    if (($(stored) > before)) || ! kill -0 $! 2> /dev/null; then break; fi
    sleep 0.1
  done
  kill "-$signal" $! 2> /dev/null || fail "the run ended before it could be stopped"
  wait $! || true
  echo "after $signal: $(stored) of 5 episodes are stored"
done
"${job[@]}" "$work/killed" --threads 2 --resume > "$work/log" 2>&1 || fail "cannot resume: $(cat "$work/log")"
cmp "$work/one/MANIFEST.sha256" "$work/killed/MANIFEST.sha256" || fail "kills change the bytes"
(cd "$work/killed" && sha256sum --quiet --check MANIFEST.sha256) || fail "the manifest is wrong"

"$diorama" dataset validate "$work/one" --deep
cut -c 1-64 <(sha256sum "$work/one/MANIFEST.sha256")
