#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run is not resumed with another manifest, and a comparison reports that the manifests differ.
. "$LIB"

own=(--dataset manifest --images "$PLANTED/scenes/images" --annotations m.csv --skip-unannotated)
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out "$@" > /dev/null; }

manifest > all.csv
head -3 all.csv > m.csv
score a
sed -i 's/,[0-9]*$/,64/' m.csv
exits 1 score a
score b
checkrob compare a b > /dev/null
