#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Results never replace an input, by whatever name it was given.
. "$LIB"

take_scenes coat_000
cp "$PLANTED/classes.csv" classes.csv
ln classes.csv map.csv
score() { checkrob score "${model[@]}" "${own[@]}" --out . "$@"; }

exits 1 score --classes classes.csv
exits 1 score --classes map.csv
cmp "$PLANTED/classes.csv" classes.csv
