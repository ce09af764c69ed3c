#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of extract, whole.
. "$LIB"

take_scenes boot_000
mkdir empty
extract() { latest extract "${model[@]}" --images images --out a.npy "$@"; }

exits 2 checkrob extract
exits 2 extract --out a.csv
exits 2 extract --pool sum
exits 2 extract --dtype f64
exits 1 checkrob extract "${model[@]}" --images empty --out a.npy
exits 1 extract --out nowhere/a.npy
# A folder where a table has to be written.
echo "no picture" > images/broken.jpg
mkdir -p d.failed.csv/in-the-way
exits 1 extract --out d.npy
# An input where a table has to be written.
echo '{"crop": 64}' > p.csv
exits 1 extract --preprocess p.csv --out p.npy
cat p.csv
