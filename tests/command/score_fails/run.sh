#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Errors that fail a whole run before its first sample, with the whole error message.
. "$LIB"

take_scenes coat_000
echo "not an archive" > text.pt
printf '%s\n' name,index coat,4 bag,10 > far.csv
printf '%s\n' name,index coat,four > bad.csv
mkdir empty
score() { latest score "${model[@]}" "${classes[@]}" "${own[@]}" --out o "$@"; }

exits 1 score --model missing.pt
exits 1 score --model text.pt
exits 1 score --layer feetures
exits 1 score --classes far.csv
exits 1 score --classes bad.csv
exits 1 score --classes none.csv
exits 1 score --preprocess nowhere
exits 1 score --out text.pt/below
exits 1 score --out /proc/checkrob
score() { latest score "${model[@]}" "${classes[@]}" --dataset voc --out o "$@"; }
exits 1 score --images empty --annotations empty
exits 1 score --images nowhere --annotations empty
