#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the photo worlds, asks their networks with every probe, scores them with checkrob, and reports.
# Usage: tests/bench/photos/run.sh [FOLDER [SET...]]
#   FOLDER keeps everything (an absolute path; default: build/photos); SET: a key of SETS in worlds.py (default: all). About five
#   minutes a family of worlds on an idle core, half an hour one of vit; what is there already is not made again.
#   CHECKROB_COMMAND: the command to compare with (default: build/bin/checkrob; without it only the probes are reported).
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=${1:-$PWD/build/photos}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- tuning held-out
here=tests/bench/photos
command=${CHECKROB_COMMAND:-build/bin/checkrob}
export OMP_NUM_THREADS=1

"$here/fetch.sh" "$folder"
[ -n "${CHECKROB_PHOTOS:-}" ] || export CHECKROB_PHOTOS=$folder/sources
python=$folder/venv/bin/python

score() { # WORLD RUN OPTION...
  local world=$1 run=$2
  shift 2
  [ ! -f "$world/$run/classes.csv" ] || return 0
  "$command" score --model "$world/model.pt" --preprocess "$world/preprocess.json" --dataset manifest \
    --images "$world/photos.tar" --annotations "$world/objects.csv" --classes "$world/classes.csv" \
    --out "$world/$run" --restart --threads 1 "$@" >/dev/null
}

for set in "$@"; do
  families=()
  while read -r part source side seed network; do
    family=$folder/$part-$source-$side-$seed${network:+-$network}
    families+=("$family")
    [ -f "$family/truth-2.json" ] || "$python" "$here/make.py" "$folder" "$part" "$source" "$side" "$seed" ${network:+"$network"}
    "$python" "$here/measure.py" "$family"
    [ -f "$family/peers-2.json" ] || "$python" "$here/peers.py" "$family"
    [ -f "$family/peers-cleanlab-2.json" ] || "$folder/cleanlab/bin/python" "$here/cleanlab_check.py" "$family"
    [ -x "$command" ] || continue
    for variant in 0 1 2; do
      world=$family/checkrob-$variant
      [ -f "$world/model.pt" ] || "$python" "$here/export.py" "$family" "$variant" "$world"
      score "$world" default
      score "$world" plain --score logit --reference none
      score "$world" probed --probe verdict
    done
  done < <("$python" "$here/worlds.py" "$set")
  printf '\n## %s\n\n' "$set"
  "$python" "$here/report.py" "${families[@]}"
done
