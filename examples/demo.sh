#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds checkrob into build/, and scores a small network that was trained on scenes with planted cues:
# does the score find the classes that are recognised from the background?
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/setup.sh
need "${build_packages[@]}" python3-minimal

echo "== Building"
cmake --preset release >build.log 2>&1 || { tail -n 30 build.log; exit 1; }
cmake --build build --target checkrob checkrob_command >>build.log 2>&1 || { tail -n 30 build.log; exit 1; }
mv build.log build/build.log

planted=examples/planted
out=out/planted
echo "== Scoring $(find $planted/scenes/images -name '*.png' | wc -l) scenes"
# --restart: a second demonstration shows this build, not what another one kept.
build/bin/checkrob score --model $planted/model.pt --preprocess $planted/preprocess.json --dataset voc --restart --probe verdict \
  --images $planted/scenes/images --annotations $planted/scenes/annotations --classes $planted/classes.csv --out $out

echo
echo "== What was planted, and what was found"
/usr/bin/python3 $planted/verdict.py $planted/planted.json $out/classes.csv

build/bin/checkrob report $out --out $out/report.html >/dev/null

echo
echo "Built build/bin/checkrob and build/lib/libcheckrob.so; the results lie in $out/, four overlays among them:"
while IFS=, read -r class index _; do
  scene=$(basename "$(find $planted/scenes/images -name "${class}_*.png" | sort | sed -n 1p)" .png)
  build/bin/checkrob explain --model $planted/model.pt --preprocess $planted/preprocess.json \
    --image "$planted/scenes/images/$scene.png" --annotations $planted/scenes/annotations \
    --class-index "$index" --out "$out/$scene.png" >/dev/null
  echo "  $out/$scene.png"
done < <(sed -n '2,3p' $out/classes.csv; tail -n 2 $out/classes.csv)
echo "Open $out/report.html in a browser: which classes must not be trusted, why, and the images that show it."
