#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of export, whole.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
cp a/results.sqlite before
echo image,class > text.csv
: > empty

exits 2 checkrob export a
exits 2 checkrob export a --as m.xls
exits 2 checkrob export --as classes.csv
exits 2 checkrob export a a --as classes.csv
exits 1 checkrob export text.csv --as classes.csv
exits 1 checkrob export empty --as classes.csv
exits 1 checkrob export nowhere --as classes.csv
exits 1 checkrob export a --as classes.csv --out nowhere/classes.csv
exits 1 checkrob export a --as classes.csv --out a/results.sqlite
exits 1 checkrob export a --as features.csv
exits 1 checkrob export a --as pasted.jsonl
[ ! -e features.csv ] || die "an error left a file behind"
cmp before a/results.sqlite
