#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The published JSON Schema of world files says the same as the reader: for both built-in worlds,
# for edits made by hand, and for every field with every kind of value. Where the schema says less,
# it says so in a `$comment`.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: in .cache)
#   DIORAMA        the executable (default: .build/release/diorama)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-schema}
diorama=${DIORAMA:-.build/release/diorama}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source .ci/environment.bash
environment "$venv" "$here/25-world-schema.txt"

DIORAMA_DATA=/data "$venv/bin/python" "$here/25-world-schema.py" "$diorama" "$work" \
  Worlds/world.schema.json Worlds/tabletop.yaml Worlds/garden.yaml
