#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds checkrob's localisation metrics against those of PyPI's quantus, on Grad-CAM++ maps of 50 annotated photos.
# Usage: tests/parity/localisation.sh [FOLDER [SHARED]]   FOLDER keeps the environment and the maps (default:
# build/localisation); SHARED holds kangaroo/ and golden/ (default: ../shared)
#
# Two processes, since quantus imports torch and checkrob has a libtorch of its own. CHECKROB_LIBRARY names a
# libcheckrob.so that is built already. Takes a minute of computing, once that and the environment are there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. examples/setup.sh
need "${build_packages[@]}" python3-venv python3-pip
mkdir -p "${1:-build/localisation}"
folder=$(realpath "${1:-build/localisation}")
shared=${2:-${CHECKROB_SHARED:-../shared}}
[ -d "$shared/kangaroo/images" ] && [ -f "$shared/golden/mobilenet_v2_050.pt" ] || {
  echo "localisation: there is no kangaroo/images or no golden/mobilenet_v2_050.pt in $shared" >&2
  exit 1
}

if [ ! -e "$folder/venv/done" ]; then
  echo "== Installing quantus"
  /usr/bin/python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet torch==2.13.0
  "$folder/venv/bin/pip" install --quiet quantus
  touch "$folder/venv/done"
fi
python=$folder/venv/bin/python

library=${CHECKROB_LIBRARY:-build/lib/libcheckrob.so}
if [ -z "${CHECKROB_LIBRARY:-}" ]; then
  echo "== Building checkrob"
  cmake --preset release
  cmake --build --preset release --target checkrob
fi

echo "== checkrob's metrics"
"$python" tests/parity/localisation.py measure "$folder" "$(realpath "$library")" "$shared"
echo "== Comparing"
"$python" tests/parity/localisation.py compare "$folder"
