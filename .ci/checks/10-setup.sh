#!/usr/bin/env bash
# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# Sets MuJoCo and LASzip up in a PREFIX of its own and links C programs with them, as somebody who
# is not root would: a second run changes nothing, damage is made good, and a bad PREFIX is refused.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PREFIX=$work/prefix

fail() {
  echo "setup: $1" >&2
  [[ ! -s $work/log ]] || cat "$work/log" >&2
  exit 1
}
set_up() { ./setup > "$work/log" 2>&1; }
# Every file with its time, inode and content.
state() {
  find "$PREFIX" -printf '%p %T@ %i %l\n' | sort
  find "$PREFIX" -type f -print0 | sort -z | xargs -0 sha256sum
}

# Refused: one line that says what is wrong, and nothing made.
refuse() {
  if PREFIX=$1 set_up; then fail "PREFIX=$1 was accepted"; fi
  grep -q "$2" "$work/log" || fail "PREFIX=$1 is refused for another reason than: $2"
}
refuse relative/prefix "expected an absolute path"
[[ ! -e relative ]] || fail "a folder was made for a PREFIX that is relative"
refuse /dev/null/prefix "cannot write to /dev/null/prefix"

set_up || fail "the first run failed"
grep -q "will install MuJoCo" "$work/log" || fail "the first run does not say what it will do"
grep -q "will compile LASzip" "$work/log" || fail "the first run does not say what it will do"
state > "$work/first"
sleep 0.02 # past the clock that stamps files
set_up || fail "the second run failed"
if grep -q "will " "$work/log"; then fail "the second run has something to do"; fi
state > "$work/second"
cmp "$work/first" "$work/second" || fail "the second run changed something"

# What it prints is all that a build needs; the program finds the library without being told where.
export_line=$(sed -n 's/.*before swift build: \(export PKG_CONFIG_PATH=.*\)/\1/p' "$work/log")
[[ -n $export_line ]] || fail "the variable to set is not printed"
cat > "$work/version.c" <<'C'
#include <mujoco/mujoco.h>
#include <stdio.h>
int main(void) { return puts(mj_versionString()) < 0; }
C
read -r -a flags < <(
  eval "$export_line"
  pkg-config --cflags --libs mujoco
)
cc -o "$work/version" "$work/version.c" "${flags[@]}"
found=$(env -i "$work/version") || fail "a program that was linked with MuJoCo does not run"
[[ $found == 4.0.0 ]] || fail "MuJoCo says it is $found, expected 4.0.0"
[[ $(ldd "$work/version") == *"$PREFIX/lib/libmujoco"* ]] || fail "another MuJoCo was found"

cat > "$work/laszip.c" <<'C'
#include <laszip_common.h>
#include <laszip_api.h>
#include <stdio.h>
int main(void) {
  laszip_U8 major, minor;
  laszip_U16 revision;
  laszip_U32 build;
  if (laszip_get_version(&major, &minor, &revision, &build) != 0) return 1;
  return printf("%d.%d\n", major, minor) < 0;
}
C
read -r -a flags < <(
  eval "$export_line"
  pkg-config --cflags --libs laszip
)
cc -o "$work/laszip" "$work/laszip.c" "${flags[@]}"
survey=$(env -i "$work/laszip") || fail "a program that was linked with LASzip does not run"
[[ $survey == 3.5 ]] || fail "LASzip says it is $survey, expected 3.5"
[[ $(ldd "$work/laszip") == *"$PREFIX/lib/liblaszip"* ]] || fail "another LASzip was found"

# Files that were damaged are put right.
echo >> "$PREFIX/include/mujoco/mujoco.h"
echo >> "$PREFIX/lib/liblaszip.so.3.5.1"
set_up || fail "the run after the damage failed"
cmp <(state | grep -v ' [0-9.]* [0-9]* ') <(grep -v ' [0-9.]* [0-9]* ' "$work/first") ||
  fail "the damage is still there"
echo "setup: MuJoCo $found and LASzip $survey in a folder of its own, nothing done twice"
