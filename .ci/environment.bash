# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# What checks share whose judge is Python with wheels from PyPI; each sources it.

# environment FOLDER PINS: a virtual environment with exactly the wheels of a requirements file.
# The copy of the pins is its mark, and comes last, so that new pins make the environment anew.
environment() {
  cmp --silent "$2" "$1/pins" && return
  echo "making $1"
  python3.11 -m venv --clear "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$2"
  cp "$2" "$1/pins"
}
