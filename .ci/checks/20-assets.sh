#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Fetches the robots that worlds count on into a cache of its own, has MuJoCo's own Python reader
# and Diorama load and step them, and damages what was fetched.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: in .cache)
#   DIORAMA        the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-assets}
diorama=${DIORAMA:-.build/release/diorama}
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT

fail() {
  echo "assets: $1" >&2
  exit 1
}

# The mark holds the pins, so that new pins make the environment anew.
if ! cmp --silent "$here/20-assets.txt" "$venv/pins"; then
  echo "making $venv"
  python3.11 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$here/20-assets.txt"
  cp "$here/20-assets.txt" "$venv/pins"
fi

robots=(so101 panda ur5e go2 crazyflie)
"$diorama" assets fetch "${robots[@]}" --cache "$cache"
"$diorama" assets verify --cache "$cache"

# A second fetch needs no network.
offline() { PIP_NO_INDEX=1 PIP_FIND_LINKS='' "$@"; }
again=$(offline "$diorama" assets fetch "${robots[@]}" --cache "$cache")
[[ $(grep -c "was there" <<< "$again") == 6 ]] || fail "a second fetch did not find: $again"

# Without one, what is missing is one clear line.
if message=$(offline "$diorama" assets fetch h1 --cache "$cache" 2>&1); then
  fail "h1 was fetched without a network"
fi
[[ $(wc -l <<< "$message") == 1 ]] || fail "expected one line, found: $message"

"$diorama" assets list --json --cache "$cache" > "$cache/list.json"
"$venv/bin/python" - "$cache" > "$cache/entries" <<'PY'
import json, pathlib, sys
import mujoco

cache = pathlib.Path(sys.argv[1])
for asset in json.loads((cache / "list.json").read_text())["assets"]:
    if not asset["isFetched"]:
        continue
    model = mujoco.MjModel.from_xml_path(asset["entry"])
    data = mujoco.MjData(model)
    for _ in range(100):
        mujoco.mj_step(model, data)
    faces = int(model.mesh_facenum.sum())
    assert faces == asset["faceCount"], (asset["name"], faces, asset["faceCount"])
    assert all(abs(value) < 100 for value in data.qpos), asset["name"]
    print(asset["name"], model.nv, faces, asset["entry"])
PY
while read -r name freedom faces entry; do
  found=$("$diorama" bench physics --model "$entry" --seconds 0.05 --json |
    sed -n 's/.*"degreesOfFreedom" *: *\([0-9]*\).*/\1/p') || fail "$name does not load"
  [[ $found == "$freedom" ]] || fail "$name has $found degrees of freedom here, $freedom there"
  echo "assets: $name loads: $faces faces, $freedom degrees of freedom"
done < "$cache/entries"
[[ $(wc -l < "$cache/entries") == 6 ]] || fail "not all robots were loaded: $(cat "$cache/entries")"

# A file that changed is found, and no fetch says that all is well.
changed=$(find "$cache" -name go2.xml)
echo >> "$changed"
if "$diorama" assets verify go2 --cache "$cache" 2> "$cache/message"; then
  fail "a changed file was not found"
fi
grep -q "go2.xml: sha256" "$cache/message" || fail "wrong message: $(cat "$cache/message")"
if offline "$diorama" assets fetch go2 --cache "$cache" 2> "$cache/message"; then
  fail "a changed file passed for fetched without a network"
fi
rm "$(dirname "$(find "$cache" -path '*go2*' -name manifest.sha256)")/manifest.sha256"
again=$("$diorama" assets fetch go2 --cache "$cache")
[[ $again == "go2: was damaged and is replaced"* ]] || fail "not mended: $again"
"$diorama" assets verify go2 --cache "$cache"
