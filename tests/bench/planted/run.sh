#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trains the worlds' networks, scores them, and reports how well each score finds the spurious classes.
# Usage: tests/bench/planted/run.sh [FOLDER [SET...]]
#   FOLDER keeps the worlds (default: build/planted); SET: tuning, held-out, fresh (default: all). Two hours on two cores
#   the first time; twenty minutes after that.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. examples/setup.sh
need "${build_packages[@]}" dataset-fashion-mnist python3-torch python3-numpy python3-pil
folder=${1:-build/planted}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- tuning held-out fresh

if [ -z "${CHECKROB_COMMAND:-}" ]; then
  echo "== Building"
  cmake --preset release
  cmake --build build --target checkrob_command
fi
echo "== Worlds"
for set in "$@"; do /usr/bin/python3 tests/bench/planted/worlds.py "$set"; done |
  xargs -P "$(nproc)" -n 1 /usr/bin/python3 tests/bench/planted/train.py "$folder"
echo "== Scores"
/usr/bin/python3 tests/bench/planted/report.py "${CHECKROB_COMMAND:-build/bin/checkrob}" "$folder" "$@"
