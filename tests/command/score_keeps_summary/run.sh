#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run that can't open its results file leaves what an earlier run wrote, and reports one error.
. "$LIB"

take_scenes coat_000
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o "$@" > /dev/null; }

score
mkdir before
cp o/*.csv o/summary.json before
echo "this is no database" > o/results.sqlite
exits 1 score
exits 1 score --verdict min_images=3
rm o/results.sqlite
mkdir o/results.sqlite
exits 1 score
for file in images.csv classes.csv summary.json; do
  cmp o/$file before/$file
done
