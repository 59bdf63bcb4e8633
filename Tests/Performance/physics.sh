#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Steps one model with the same noise in C and in Swift, turn about, and prints the best and the
# median of each, in steps a second of processor time: what else the machine does at the time makes
# a round longer but not slower. Fails when Swift's median is under 0.97 of C's.
#
#   Tests/Performance/physics.sh [MODEL.xml [ROUNDS [SECONDS_A_ROUND]]]
#
# MODEL is the SO-101 unless given. DIORAMA_SHARED: the folder that holds the rival,
# peers/mujoco_steps.c (default: ../shared). DIORAMA: the executable (default:
# .build/release/diorama). Ends with 77 when something that it needs is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
peer=${DIORAMA_SHARED:-../shared}/peers/mujoco_steps.c
model=${1:-} rounds=${2:-10} seconds=${3:-0.5}

skip() {
  echo "physics.sh: skipped: $1"
  exit 77
}
[[ -x $diorama ]] || skip "no $diorama: make release"
[[ -f $peer ]] || skip "no $peer: set DIORAMA_SHARED"
command -v cc > /dev/null || skip "no C compiler"
if [[ -z $model ]]; then
  model=$("$diorama" assets list --json |
    sed -n 's/.*"entry" : "\(.*so101_new_calib.xml\)".*/\1/p')
  [[ -f $model ]] || skip "no SO-101: diorama assets fetch so101"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
read -r -a flags < <(PKG_CONFIG_PATH="${PKG_CONFIG_PATH:-}:/usr/local/lib/pkgconfig" \
  pkg-config --cflags --libs mujoco)
sed 's/CLOCK_MONOTONIC/CLOCK_PROCESS_CPUTIME_ID/' "$peer" > "$work/c_steps.c"
grep -q CLOCK_PROCESS_CPUTIME_ID "$work/c_steps.c" || skip "$peer has another clock than it had"
cc -O2 -o "$work/c_steps" "$work/c_steps.c" "${flags[@]}"

in_c() {
  "$work/c_steps" "$model" "$seconds" |
    sed -n 's/.*steps\/s=\([0-9]*\).*/\1/p' >> "$work/c"
}
in_swift() {
  "$diorama" bench physics --model "$model" --seconds "$seconds" --json |
    sed -n 's/.*"stepsPerProcessorSecond" *: *\([0-9]*\).*/\1/p' >> "$work/swift"
}
best() { sort -n "$work/$1" | tail -n 1; }
median() { sort -n "$work/$1" | sed -n "$((rounds / 2 + 1))p"; }

for ((round = 0; round < rounds; round++)); do
  if ((round % 2)); then in_swift; in_c; else in_c; in_swift; fi
done
echo "$model, $rounds rounds of $seconds s, steps a processor second"
echo "C      best $(best c), median $(median c)"
echo "Swift  best $(best swift), median $(median swift)"
awk -v c="$(median c)" -v s="$(median swift)" 'BEGIN {
  printf "ratio of the medians %.3f (at least 0.97 is asked)\n", s / c; exit s / c < 0.97 }'
