#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Logits that are no numbers fail the sample.
. "$LIB"

# Inputs beyond float32's range make infinities that the first convolution turns into NaN.
echo '{"resize": 64, "crop": 64, "std": [1e-38, 1e-38, 1e-38], "mean": [0.9, 0.1, 0.5]}' > p.json
take_scenes coat_000
score() { checkrob score --model "$PLANTED/model.pt" "${own[@]}" "${classes[@]}" --out o "$@"; }

exits 3 score --preprocess p.json
columns o/images.csv image,class,index,rs,status,message
