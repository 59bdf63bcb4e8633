#!/bin/bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Steps one model with the same noise in C and in Swift, turn about, and prints the best of each.
# The best of many short rounds is what the machine can do; other work on it only slows a round.
#
#   Tests/Performance/physics.sh MODEL.xml [ROUNDS] [SECONDS_A_ROUND]
set -euo pipefail
model=${1:?usage: physics.sh MODEL.xml [ROUNDS] [SECONDS_A_ROUND]}
rounds=${2:-10}
seconds=${3:-1}
here=$(cd "$(dirname "$0")/../.." && pwd)
peer=${DIORAMA_PEERS:-$here/../shared/peers}/mujoco_steps.c
swift_steps=${DIORAMA:-$here/.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

read -r -a flags < <(PKG_CONFIG_PATH="${PKG_CONFIG_PATH:-}:/usr/local/lib/pkgconfig" \
  pkg-config --cflags --libs mujoco)
cc -O2 -o "$work/c_steps" "$peer" "${flags[@]}"

best_c=0 best_swift=0
for _ in $(seq "$rounds"); do
  c=$("$work/c_steps" "$model" "$seconds" | sed -n 's/.*steps\/s=\([0-9]*\).*/\1/p')
  swift=$("$swift_steps" bench physics --model "$model" --seconds "$seconds" --json |
    sed -n 's/.*"stepsPerSecond" *: *\([0-9]*\).*/\1/p')
  echo "C $c   Swift $swift   steps/s"
  ((c > best_c)) && best_c=$c
  ((swift > best_swift)) && best_swift=$swift
done
awk -v c="$best_c" -v s="$best_swift" \
  'BEGIN { printf "best: C %d, Swift %d steps/s, ratio %.3f (at least 0.97 wanted)\n", c, s, s / c
           exit s / c < 0.97 }'
