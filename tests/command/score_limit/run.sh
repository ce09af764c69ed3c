#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A quick look at a few images of all classes, and a dry run, which writes nothing.
. "$LIB"

score() { checkrob score "${model[@]}" "${scenes[@]}" "${classes[@]}" "$@"; }

score --out o --limit 20 | tail -n 3
columns o/images.csv image
values o/summary.json options.limit totals.inputs
echo "== it is not resumed by others"
exits 1 score --out o --limit 30
exits 1 score --out o
score --out o --limit 20 | grep -c resumed
score --out all --limit 1000 | tail -n 1
exits 2 score --out o --limit 0
checkrob export o --as classes.csv --out c.csv

echo "== dry runs"
score --dry-run
score --dry-run --limit 20 --verdict min_images=3 --out nowhere
[ ! -e nowhere ] || die "a dry run wrote something"
take_scenes coat_000 coat_001 bag_000
write_annotation coat_001 30 5 20 20
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --dry-run
