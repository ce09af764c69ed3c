#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the numbers and the pictures of docs/efficientnet-lite0.md. Nothing of the photos may be published.
# Usage: tests/bench/photos/page.sh [FOLDER]      default: build/photos
#   FOLDER/page then has the photos, results/, sheets/ (of features) and maps/ (CLASS.png: eight photos with their heat maps, for
#   the eight most suspicious classes). About half an hour on two cores.
#   CHECKROB_COMMAND: the command (default: build/bin/checkrob). CHECKROB_PHOTOS: as for fetch.sh. THREADS: default 2.
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=$(realpath -m "${1:-build/photos}")
here=tests/bench/photos
command=${CHECKROB_COMMAND:-build/bin/checkrob}
page=$folder/page

"$here/fetch.sh" "$folder"
[ -n "${CHECKROB_PHOTOS:-}" ] || export CHECKROB_PHOTOS=$folder/sources
python=$folder/venv/bin/python

[ -f "$page/boxes.csv" ] || "$python" "$here/page.py" "$page"
[ -f "$page/model.pt" ] || "$python" examples/export_efficientnet_lite0.py "$page/model.pt"
"$command" score --model "$page/model.pt" --preprocess "$page/preprocess.json" --dataset manifest --images "$page/photos" \
  --annotations "$page/boxes.csv" --classes "$page/classes.csv" --out "$page/results" --threads "${THREADS:-2}" \
  --probe verdict --features --cues
"$command" export "$page/results" --as features.csv --out "$page/features.csv"
"$command" features "$page/results" --all --out "$page/sheets" > "$page/features.txt"
"$python" "$here/page_maps.py" "$page" "$command"
