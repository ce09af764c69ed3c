#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What score prints and writes: the classes from the least to the most robust, tables, summary.
. "$LIB"

checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --out o --batch 7 --method gradcam --threads 1
ls o
head -n 2 o/images.csv
head -n 2 o/classes.csv
wc -l < o/images.csv
wc -l < o/classes.csv
columns o/classes.csv class,index,images,failed,acc,crs,robustness,verdict
values o/summary.json complete totals verdicts options.batch options.method options.threads
"$PYTHON" -c 'import json; assert json.load(open("o/summary.json"))["timing"]["seconds"] > 0'
