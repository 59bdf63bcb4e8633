#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Fetches the robots whose wheels are small, and has MuJoCo's own Python reader load them.
set -euo pipefail

diorama=.build/release/diorama
judge=.cache/venv-assets
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT

fail() {
  echo "assets: $1" >&2
  exit 1
}

[[ -x $judge/bin/python ]] || python3 -m venv "$judge"
"$judge/bin/pip" install --quiet --disable-pip-version-check mujoco-core==4.0.0

"$diorama" assets fetch so101 ur5e go2 crazyflie --cache "$cache"
"$diorama" assets verify --cache "$cache"

# A second fetch needs no network.
export PIP_NO_INDEX=1 PIP_FIND_LINKS=''
again=$("$diorama" assets fetch so101 ur5e --cache "$cache")
[[ $(grep -c "was there" <<< "$again") == 3 ]] || fail "a second fetch did not find: $again"

# Without one, what is missing is one clear line.
if message=$("$diorama" assets fetch h1 --cache "$cache" 2>&1); then
  fail "h1 was fetched without a network"
fi
[[ $(wc -l <<< "$message") == 1 ]] || fail "expected one line, found: $message"

"$diorama" assets list --json --cache "$cache" > "$cache/list.json"
"$judge/bin/python" - "$cache" <<'PY'
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
    print(f"assets: {asset['name']} loads: {faces} faces, {model.nv} degrees of freedom")
PY

# A file that changed is found.
changed=$(find "$cache" -name go2.xml)
echo >> "$changed"
if "$diorama" assets verify go2 --cache "$cache" 2> "$cache/message"; then
  fail "a changed file was not found"
fi
grep -q "go2.xml: sha256" "$cache/message" || fail "wrong message: $(cat "$cache/message")"
