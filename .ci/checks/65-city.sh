#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# A made-up city of one square kilometre becomes a scene file: the same bytes for one and two
# threads, right by its own check, and drawn from a street, from 120 m and from afar. Then builds
# are killed fifty times at moments that a seed decides, and resumed: what comes out is the same to
# the byte, and nobody sees a file under its name before it is whole.
#
#   DIORAMA   the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "city: $1" >&2
  exit 1
}

"$diorama" scene city --km2 1 --seed 1 --threads 1 --out "$work/one.diorama"
"$diorama" scene city --km2 1 --seed 1 --threads 2 --out "$work/two.diorama" > "$work/log"
cmp "$work/one.diorama" "$work/two.diorama" || fail "a second thread changes the bytes"
"$diorama" scene check "$work/one.diorama"
draw() {
  "$diorama" scene render "$work/one.diorama" --width 640 --height 480 --out "$work/$1.png" \
    --position="$2" --look-at="$3" --splat-budget 400000 > "$work/log"
  # A picture with something in it does not fit a few bytes.
  (($(stat --format %s "$work/$1.png") > 100000)) || fail "the picture of $1 is empty"
}
draw street -120,123,7 0,126,7
draw air -150,-160,125 0,0,20
draw afar -700,-700,420 0,0,0

# More than any disk has.
if "$diorama" scene city --km2 1000000 --out "$work/huge.diorama" 2> "$work/errors"; then
  fail "a city larger than the disk was begun"
fi
grep --quiet "free disk space" "$work/errors" || fail "not told: $(cat "$work/errors")"
[[ -z $(find "$work" -name 'huge*') ]] || fail "left behind: $(ls "$work")"

city=("$diorama" scene city --km2 3 --seed 5)
"${city[@]}" --out "$work/whole.diorama"
RANDOM=1
out=$work/killed.diorama
kills=0 builds=0
while ((kills < 50)); do
  "${city[@]}" --resume --out "$out" > "$work/output" 2> "$work/errors" &
  sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
  if kill -KILL $! 2> /dev/null; then kills=$((kills + 1)); fi
  code=0
  wait $! 2> /dev/null || code=$?
  if [[ -e $out ]]; then
    cmp "$work/whole.diorama" "$out" || fail "a file stands under its name that is not whole"
    builds=$((builds + 1))
    rm "$out"
  else
    ((code == 137)) || fail "a resumed build ended with $code: $(cat "$work/errors")"
  fi
done
"${city[@]}" --resume --out "$out" > "$work/output"
cmp "$work/whole.diorama" "$out" || fail "kills change the bytes"
"$diorama" scene check "$out"
echo "killed $kills times, finished $((builds + 1)) times, the same bytes each time"

# Another city does not go on with what was begun; without --resume it is begun anew.
"${city[@]}" --out "$work/other.diorama" > "$work/output" &
sleep 0.4
kill -KILL $! && wait $! 2> /dev/null || true
if [[ -e $work/other.diorama.unfinished ]]; then
  if "$diorama" scene city --km2 3 --seed 6 --resume --out "$work/other.diorama" \
    2> "$work/errors"; then
    fail "another city went on with what was begun"
  fi
  grep --quiet "seed 5" "$work/errors" || fail "not told: $(cat "$work/errors")"
fi
"${city[@]}" --out "$work/other.diorama" --force > "$work/output"
cmp "$work/whole.diorama" "$work/other.diorama" || fail "what was begun changes what follows"
[[ -z $(find "$work" -name '*.unfinished*') ]] || fail "left behind: $(ls "$work")"
