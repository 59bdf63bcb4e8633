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

# The mark holds the pins' checksum, so that new pins make the environment anew.
pins=$(sha256sum "$here/25-world-schema.txt" | cut -d ' ' -f 1)
if [[ $(cat "$venv/schema-pins" 2> /dev/null) != "$pins" ]]; then
  echo "making $venv"
  [[ -x $venv/bin/python ]] || python3.11 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$here/25-world-schema.txt"
  echo "$pins" > "$venv/schema-pins"
fi

DIORAMA_DATA=/data "$venv/bin/python" "$here/25-world-schema.py" "$diorama" "$work" \
  Worlds/world.schema.json Worlds/tabletop.yaml Worlds/garden.yaml
