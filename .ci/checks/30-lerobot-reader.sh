#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Loads every frame of a dataset with LeRobot's own reader: the dataset named as argument, or two:
# one of two episodes that Diorama makes now, and the unit tests' one of seven tiny episodes whose
# data, videos and tables are spread over many files. The unit tests must be built.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: .cache/venv-lerobot)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-lerobot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a command quietly: its output is shown only when it fails.
quietly() {
  "$@" > "$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    echo "failed: $*" >&2
    exit 1
  }
}

as_root() { if [[ $EUID == 0 ]]; then "$@"; else sudo -n "$@"; fi; }

# torchcodec loads the libraries behind ffmpeg when it decodes; venv needs ensurepip.
missing=()
for package in ffmpeg python3.11-venv; do
  dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q ' installed$' ||
    missing+=("$package")
done
if ((${#missing[@]})); then
  quietly as_root apt-get -q update
  quietly as_root apt-get -q -y --no-install-recommends install "${missing[@]}"
fi

# The mark holds the pins' checksum, so that new pins make the environment anew.
pins=$(sha256sum "$here/30-lerobot-reader.txt" | cut -d ' ' -f 1)
if [[ $(cat "$venv/pins" 2> /dev/null) != "$pins" ]]; then
  echo "making $venv"
  rm -rf "$venv"
  quietly python3.11 -m venv "$venv"
  # Where pip knows of PyTorch's CPU wheels it takes 200 MB of them; PyPI's own are some GB of CUDA.
  "$venv/bin/pip" install -q --no-deps "torch==2.13.0+cpu" > "$work/log" 2>&1 ||
    quietly "$venv/bin/pip" install -q "torch==2.13.0"
  quietly "$venv/bin/pip" install -q --no-deps --require-hashes --only-binary :all: \
    -r "$here/30-lerobot-reader.txt"
  echo "$pins" > "$venv/pins"
fi

datasets=("$@")
if ((${#datasets[@]} == 0)); then
  datasets=("$work/two-episodes" "$work/many-files")
  quietly .build/release/diorama run tabletop --episodes 2 --seed 7 --out "${datasets[0]}"
  quietly env DIORAMA_KEEP_DATASET="${datasets[1]}" \
    swift test --skip-build --filter 'is left for another reader to judge'
fi
for dataset in "${datasets[@]}"; do
  "$venv/bin/python" "$here/30-lerobot-reader.py" "$dataset"
done
