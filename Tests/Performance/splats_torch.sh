#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# The million splats of peers/splat_scene.py at 1280 x 720, with Diorama, which also works out their
# harmonics of degree 3, and with what peers/splats_torch.py does in plain torch: gsplat's torch
# projection and a rasteriser of tiles, on colours that are given. Turn about. Fails when Diorama is
# not seventy times as fast.
#
#   Tests/Performance/splats_torch.sh [ROUNDS]
#
# See beside.bash; the environment is that of .ci/checks/25-gsplat.sh. Ends with 77 when something
# that it needs is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Tests/Performance/beside.bash

rounds=${1:-2}
[[ -f $peers/splats_torch.py ]] || skip "no $peers/splats_torch.py: set DIORAMA_SHARED"
python=$PWD/.cache/venv-gsplat/bin/python
[[ -x $python ]] || skip "no $python: bash .ci/checks/25-gsplat.sh makes it"

"$python" "$peers/splat_scene.py" 1000000 "$work/scene.bin" > /dev/null
"$python" "$here/scene_to_ply.py" "$work/scene.bin" "$work/scene.ply"

# The least of three covariances and projections, then cull, sort and tiles.
theirs() {
  "$python" "$peers/splats_torch.py" "$work/scene.bin" 2> "$work/log" | awk '
    /covar/ { split($0, part, /covar | ms, projection | ms$/); time = part[2] + part[3]
              if (least == 0 || time < least) least = time }
    /cull\+sort/ { split($0, part, /cull\+sort | ms, tiles | ms, /); rest = part[2] + part[3] }
    END { if (rest > 0) print 1000 / (least + rest) }' >> "$work/1000000-theirs" ||
    cat "$work/log" >&2
}

heading torch
for ((round = 0; round < rounds; round++)); do
  ours 1000000 --scene "$work/scene.ply" --width 1280 --height 720
  theirs
done
row 1000000 70 120
exit $behind
