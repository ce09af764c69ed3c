#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A model of one channel gets gray images, Pillow's, if the preprocessing says so, and is refused otherwise.
. "$LIB"

need torch numpy PIL
gray() { "$PYTHON" "$COMMON/score_gray/gray.py" "$@"; }
gray make
take_scenes coat_000 coat_001 bag_000 boot_000
echo '{"crop": 64, "channels": "gray", "mean": 0.5, "std": 0.25}' > gray.json

checkrob score --model gray.pt "${own[@]}" "${classes[@]}" --preprocess gray.json --out o > out
gray compare o/images.csv images
values o/summary.json options.preprocess.channels

exits 1 checkrob score --model gray.pt "${own[@]}" "${classes[@]}" --preprocess "$PLANTED/preprocess.json" --out p
