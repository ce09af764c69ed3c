#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# '-' is standard output, which then has the data alone; ./- is a file.
. "$LIB"

take_scenes coat_000 coat_001 boot_000
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@" > /dev/null; }
score --out a
score --out b --method gradcam

# export
checkrob export a --as images.csv --out file.csv
checkrob export a --as images.csv --out - | cmp - file.csv
checkrob export a --as images.csv --out /dev/stdout | cmp - file.csv
checkrob export a --as images.csv --out ./-
cmp ./- file.csv
rm ./-

# compare
checkrob compare a b --as comparison.csv 2> /dev/null
checkrob compare a b --as comparison.csv --out - 2> /dev/null | cmp - comparison.csv
checkrob compare a b --as comparison.jsonl 2> /dev/null
head -1 comparison.csv
columns comparison.csv class,images_before,images_after,pairs
keys comparison.jsonl
wc -l < comparison.jsonl
# Violations go elsewhere.
checkrob compare a b --as comparison.csv --out - --fail-on robust,doubtful,non-robust,not-enough-data \
  2> violations > with_gate.csv || echo "exit code $?"
cmp comparison.csv with_gate.csv
grep -c 'gate closed' violations

# check
check() { checkrob check "${own[@]}" "${classes[@]}" "$@"; }
cp images/coat_000.png 'images/tw,"in.png'
exits 5 check --min-images 0 --as findings.csv --out -
exits 5 check --min-images 0 --as findings.jsonl --out -
exits 5 check --min-images 0 --as findings.csv
checkrob check "${own[@]}" "${classes[@]}" --min-images 0 --skip-unannotated --as findings.jsonl
wc -c < findings.jsonl

# Standard output that nobody reads.
exits 1 checkrob export a --as images.csv --out - >&-
exits 2 checkrob compare a b --out x.csv
exits 2 check --out -
exits 2 checkrob export a --as comparison.csv
exits 2 checkrob compare a b --as classes.csv
exits 1 checkrob compare a b --as comparison.csv --out a/results.sqlite
exits 2 checkrob compare a b --as comparison.csv --out - --fail-on robust --annotate github
ls
