#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An image on which the model raises an error fails alone; a model that raises one on all images stops the run.
. "$LIB"

need torch PIL
"$PYTHON" "$COMMON/score_model_raises/network.py"
take_scenes coat_000 coat_001 coat_002 coat_003 coat_004
"$PYTHON" -c 'from PIL import Image; Image.new("RGB", (64, 64), "white").save("images/coat_002.png")'
score() { checkrob score --model m.pt --preprocess p.json "${own[@]}" "${classes[@]}" "$@"; }

score --out o | tail -n 2 | sed -n 1p
columns o/images.csv image,status,message
score --out one --batch 1 | tail -n 2 | sed -n 1p
checkrob extract --model m.pt --preprocess p.json --images images --layer features --pool mean --out e.npy
cat e.failed.csv
score --out both --extract both.npy | tail -n 2 | sed -n 1p
cmp e.csv both.csv

for i in 0 1 3 4; do cp images/coat_002.png images/coat_00$i.png; done
exits 1 score --out all
exits 1 score --out all --batch 1
