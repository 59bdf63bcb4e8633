#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Physics and splats beside their rivals in one run: fails where either falls behind what is asked
# of it. The rivals are sources in ../shared; the build server must have them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

"${DIORAMA:-.build/release/diorama}" assets fetch so101
for rival in physics splats; do
  status=0
  bash "Tests/Performance/$rival.sh" || status=$?
  if [[ $status == 77 && ${CI:-} != true ]]; then continue; fi
  [[ $status == 0 ]] || exit 1
done
