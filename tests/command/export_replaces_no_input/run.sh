#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An export never replaces what the run read, such as a class map that has the name of the exported table.
. "$LIB"

take_scenes coat_000
cp "$PLANTED/classes.csv" classes.csv
ln classes.csv map.csv
checkrob score "${model[@]}" "${own[@]}" --classes map.csv --out o > /dev/null

exits 1 checkrob export o --as classes.csv
exits 1 checkrob export o --as images.csv --out map.csv
cmp "$PLANTED/classes.csv" classes.csv
checkrob export o --as classes.csv --out table.csv
ls *.csv
