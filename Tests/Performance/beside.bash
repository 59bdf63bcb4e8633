# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts that measure the drawing of splats beside a rival share; each sources it.
#
#   DIORAMA         the executable (default: .build/release/diorama)
#   DIORAMA_SHARED  the folder that holds peers/ (default: ../shared)

diorama=$(realpath -m "${DIORAMA:-.build/release/diorama}")
peers=$(realpath -m "${DIORAMA_SHARED:-../shared}")/peers
here=$PWD/Tests/Performance
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
behind=0

skip() {
  echo "$(basename "$0"): skipped: $1"
  exit 77
}
[[ -x $diorama ]] || skip "no $diorama: make release"
command -v python3.11 > /dev/null || skip "no python3.11, which the rival's wheels are for"

# environment NAME: the virtual environment .cache/venv-NAME with the wheels of NAME.txt, as $venv.
# The mark holds the pins, so that new pins make it anew.
environment() {
  venv=$PWD/.cache/venv-$1
  cmp --silent "$here/$1.txt" "$venv/pins" && return
  python3.11 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$here/$1.txt" || skip "pip cannot install the rival"
  cp "$here/$1.txt" "$venv/pins"
}

# unpacked WHEEL.txt FOLDER PACKAGE: a wheel that is not installed, unpacked to FOLDER/x/PACKAGE.
unpacked() {
  cmp --silent "$here/$1" "$2/pins" && return
  rm -rf "$2"
  "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --dest "$work/wheel" -r "$here/$1" || skip "pip cannot download the rival"
  "$venv/bin/python" -m zipfile -e "$work"/wheel/*.whl "$2/x/$3"
  cp "$here/$1" "$2/pins"
}

# ours NAME OPTION...: pictures a second of Diorama, by the least time of a picture, to NAME-ours.
ours() {
  local name=$1
  shift
  "$diorama" bench splats --json --threads 2 "$@" |
    awk -F: '/bestMillisecondsPerPicture/ { print 1000 / $2 }' >> "$work/$name-ours"
}

best() { sort -g "$work/$1" | tail -n 1; }

# row NAME BAR GOAL: a line of the table, of the best rounds of NAME-ours and NAME-theirs.
row() {
  [[ -s $work/$1-theirs ]] || skip "the rival gave no figure for $1"
  awk -v name="$1" -v bar="$2" -v goal="$3" -v o="$(best "$1-ours")" -v t="$(best "$1-theirs")" '
    BEGIN { printf "%-10s %10.3f %10.2f %8.1fx %6sx %6sx\n", name, t, o, o / t, bar, goal
            exit o / t < bar }' || behind=1
}

heading() {
  sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1
  printf '%-10s %10s %10s %9s %7s %7s\n' "pictures/s" "$1" Diorama ratio bar goal
}
