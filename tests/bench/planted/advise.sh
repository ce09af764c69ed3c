#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trains the ten worlds of the set "advice", follows the advice of `checkrob advise`, trains anew, and reports.
# Usage: tests/bench/planted/advise.sh [FOLDER]
#   FOLDER keeps the worlds (default: build/planted). An hour and a half on two cores.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. examples/setup.sh
need "${build_packages[@]}" dataset-fashion-mnist python3-torch python3-numpy python3-pil
folder=${1:-build/planted}

if [ -z "${CHECKROB_COMMAND:-}" ]; then
  echo "== Building"
  cmake --preset release
  cmake --build build --target checkrob_command
fi
worlds=$(/usr/bin/python3 tests/bench/planted/worlds.py advice)
echo "== Worlds"
xargs -P "$(nproc)" -n 1 /usr/bin/python3 tests/bench/planted/train.py "$folder" <<<"$worlds"
echo "== Advice, and training anew"
xargs -P "$(nproc)" -n 1 /usr/bin/python3 tests/bench/planted/advise.py "${CHECKROB_COMMAND:-build/bin/checkrob}" "$folder" <<<"$worlds"
echo "== Report"
# shellcheck disable=SC2086  # a name each
/usr/bin/python3 tests/bench/planted/advise.py report "$folder" $worlds
