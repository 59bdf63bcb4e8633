#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The teacher does what it is asked to: of 200 first attempts in `tabletop`, physics must see at
# least 180 objects at rest in their places, and every kind of object and place must be among them.
# It is a count of what happened in the simulation, not a time, so a slow machine changes nothing.
#
#   DIORAMA   the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$diorama" assets fetch so101
"$diorama" bench teacher --episodes 200 --seed 1 --json > "$work/tally.json"
python3 - "$work/tally.json" <<'PY'
import json, pathlib, sys

EPISODES, LEAST = 200, 180
OBJECTS = {"cube", "can", "ball", "block", "prism", "mug", "ring", "star"}
PLACES = {"plate", "tray", "bowl"}

tally = json.loads(pathlib.Path(sys.argv[1]).read_text())
shapes, problems = tally["byShape"], []


def total(names, count):
    return sum(shapes.get(name, {}).get(count, 0) for name in names)


if tally["attempts"] != EPISODES:
    problems.append(f"{tally['attempts']} attempts, expected {EPISODES}")
if tally["successes"] < LEAST:
    problems.append(f"{tally['successes']} successes, expected {LEAST} at least")
if tally["successes"] + len(tally["failedEpisodes"]) != tally["attempts"]:
    problems.append("successes and failed episodes do not add up to the attempts")
for kinds in (OBJECTS, PLACES):
    for count in ("attempts", "successes"):
        if total(kinds, count) != tally[count]:
            problems.append(f"{count} of {sorted(kinds)} do not add up to {tally[count]}")
problems += [f"no success with a {name}" for name in sorted(OBJECTS | PLACES)
             if not total([name], "successes")]
for problem in problems:
    print(f"teacher: {problem}", file=sys.stderr)
print(f"teacher: {tally['successes']} of {tally['attempts']}, failed: {tally['failedEpisodes']}")
sys.exit(bool(problems))
PY
