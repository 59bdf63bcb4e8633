#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The same seed gives the same bytes: for one and two threads, after kills, stops and full disks
# with --resume, and when the recorded draws are replayed. Whatever a run leaves is a dataset that
# our own validator finds nothing wrong with, or nothing at all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
disk=$work/disk
cleanup() {
  if mountpoint --quiet "$disk"; then umount "$disk"; fi
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "same bytes: $1" >&2
  exit 1
}

# expect CODE WORDS...: runs a command, which must end with that code; its streams go to two files.
expect() {
  local wanted=$1 code=0
  shift
  "$@" > "$work/output" 2> "$work/errors" || code=$?
  ((code == wanted)) || fail "'$*' ended with $code, not $wanted: $(cat "$work/errors")"
}

# one_line WORDS: the last command failed with one line that holds these words.
one_line() {
  [[ $(wc -l < "$work/errors") == 1 ]] || fail "not one line but: $(cat "$work/errors")"
  grep --quiet --fixed-strings "$1" "$work/errors" || fail "no '$1' in: $(cat "$work/errors")"
}

same() { cmp "$work/one/MANIFEST.sha256" "$1/MANIFEST.sha256" || fail "$2 changes the bytes"; }

expect 0 "$diorama" assets fetch so101
job=("$diorama" run tabletop --episodes 5 --seed 11 --out)
expect 0 "${job[@]}" "$work/one" --threads 1
expect 0 "${job[@]}" "$work/two" --threads 2
same "$work/two" "a second thread"

# Ended without a warning and with one, each time amid the episode after the next one stored.
out=$work/ended
mkdir "$out"
stored() { find "$out" -name '*.episode' | wc -l; }
for signal in KILL INT TERM; do
  before=$(stored)
  "${job[@]}" "$out" --threads 2 --resume > "$work/output" 2> "$work/errors" &
  for ((wait = 0; wait < 600; wait++)); do
    if (($(stored) > before)) || ! kill -0 $! 2> /dev/null; then break; fi
    sleep 0.1
  done
  kill "-$signal" $! 2> /dev/null || fail "the run ended before it could be stopped"
  code=0
  wait $! 2> /dev/null || code=$?
  if [[ $signal == KILL ]]; then
    ((code == 137)) || fail "a killed run ended with $code"
  else
    ((code == 1)) || fail "a run that was told to end with $signal ended with $code"
    one_line "run: found a stop after"
    expect 0 "$diorama" dataset validate "$out" --deep
  fi
  echo "after $signal: $(stored) of 5 episodes are stored"
done
expect 1 "$diorama" run tabletop --episodes 5 --seed 12 --resume --out "$out"
one_line 'seed: found "11", expected "12"'
expect 0 "${job[@]}" "$out" --threads 2 --resume
same "$out" "a stop"
(cd "$out" && sha256sum --quiet --check MANIFEST.sha256) || fail "the manifest is wrong"

# A full disk: a small one where this user may mount one, else a limit on the size of a file. First
# no episode fits, then all of them fit but not the dataset beside them.
mkdir "$disk"
if mount -t tmpfs -o size=200k diorama-check "$disk" 2> /dev/null; then
  kind="a disk of its own"
  words="no space left on device"
  limit() { mount -o "remount,size=$1k" "$disk"; }
  limited() { "$@"; }
  half=$(($(du --summarize --block-size=1K "$work/one" | cut -f 1) * 3 / 2))
else
  kind="ulimit -f"
  words="file too large"
  limit() { kilobytes=$1; }
  limited() { (ulimit -f "$kilobytes" && exec "$@"); }
  half=$(find "$work/one" -type f -printf '%k\n' | sort -n | tail -n 1)
  half=$((half * 2 / 3))
fi
out=$disk/out
limit 200
expect 1 limited "${job[@]}" "$out"
one_line "$words"
[[ ! -e $out ]] || fail "a run without an episode left $(find "$out")"
limit "$half"
expect 1 limited "${job[@]}" "$out"
one_line "$words"
one_line "finished episodes are safe (5), and --resume goes on"
[[ $(stored) == 5 ]] || fail "a full disk cost episodes: $(find "$out")"
[[ -z $(find "$out" -name tree -o -name '*.tmp-*') ]] || fail "left behind: $(find "$out")"
limit 1000000
expect 0 limited "${job[@]}" "$out" --resume
same "$out" "a full disk ($kind)"

# What was recorded is played again: all of it is the same dataset, a part of it a right one.
expect 0 "$diorama" run --replay "$work/one" --out "$work/replay"
same "$work/replay" "a replay"
expect 0 "$diorama" run --replay "$work/one" --episode 3 --out "$work/part"
expect 0 "$diorama" dataset validate "$work/part" --deep

expect 0 "$diorama" dataset validate "$work/one" --deep
cat "$work/output"
cut -c 1-64 <(sha256sum "$work/one/MANIFEST.sha256")
