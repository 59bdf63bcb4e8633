#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Has gsplat's own torch code, which shares none with Diorama, project and colour the splats of
# seeded scenes and draw them, and holds what the kernels made of the same scenes against it: SH
# degrees 0 to 3, with and without antialiasing, the axis in the middle of the image and out of it.
# The unit tests must be built. The environment takes 200 MB of wheels and 20 s, once; then 10 s.
#
#   DIORAMA_VENV   the Python virtual environment, made when missing (default: .cache/venv-gsplat)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=.ci/checks
venv=${DIORAMA_VENV:-.cache/venv-gsplat}
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

# The mark holds the pins, so that new pins make the environment anew.
cat "$here/25-gsplat-torch.txt" "$here/25-gsplat.txt" > "$work/pins"
if ! cmp --silent "$work/pins" "$venv/pins"; then
  echo "making $venv"
  quietly python3.11 -m venv --clear "$venv"
  pip=("$venv/bin/pip" install --quiet --disable-pip-version-check)
  # Where pip knows of PyTorch's CPU wheels it takes 200 MB of them; PyPI's own are some GB of CUDA.
  "${pip[@]}" --no-deps --require-hashes -r "$here/25-gsplat-torch.txt" \
    > "$work/log" 2>&1 ||
    quietly "${pip[@]}" "torch==2.13.0"
  quietly "${pip[@]}" --no-deps --require-hashes --only-binary :all: -r "$here/25-gsplat.txt"
  cp "$work/pins" "$venv/pins"
fi

mkdir "$work/scenes"
quietly env DIORAMA_KEEP_SCENES="$work/scenes" \
  swift test --skip-build --filter 'are left for another renderer to judge'
"$venv/bin/python" "$here/25-gsplat.py" "$work/scenes"
