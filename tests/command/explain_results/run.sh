#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Images are chosen by the scores of a run, whose data, model and options summary.json records.
. "$LIB"

take_scenes coat_000 coat_001 coat_002 coat_003 coat_004 bag_000
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --method gradcam --out r > /dev/null
explain() { checkrob explain r --out o.png "$@"; }

explain --class coat --top worst:3 | awk 'NR == 2 || /^ / { print $2 }'
explain --class coat --top best:2 | awk '/^ / { print $2 }'
explain --class coat --top typical:1 | tail -2
# The scores are those of the run.
checkrob explain r --class coat --out d > /dev/null
columns r/images.csv image,rs | grep coat > run.csv
columns d/pictures.csv image,rs | tail -n +2 > drawn.csv
agree run.csv drawn.csv 1e-5
echo "== other options than those of the run"
explain --class coat --top worst:1 --method eigencam | sed -n 2p
echo "== photos that are gone, or broken"
rm images/coat_001.png
halve images/coat_000.png
explain --class coat --top worst:9 2>&1 | sed '/^ /s/0\.[0-9]*/N/g'
cp "$PLANTED/scenes/images/coat_001.png" images/
echo "== a photo that is not of the run, with its options"
cp images/coat_002.png mine.png
checkrob explain --spec r/summary.json --image mine.png --class-index 4 --out m.png | sed -n '2,3p'
exits 2 checkrob explain r --out o.png
exits 1 explain --class dress --top best:1
