#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A part of a dataset: what it leaves out is a count and the option that accepts it, not a line for each.
. "$LIB"

mkdir images
cp "$PLANTED"/scenes/images/{coat,boot}_00*.png images
printf '%s\n' image,class,x1,y1,x2,y2 coat_000.png,coat,1,1,30,30 coat_001.png,coat,1,1,30,30 > part.csv
check() { checkrob check --dataset manifest --images images --annotations part.csv "$@"; }
{ cat "$PLANTED/classes.csv" && for i in $(seq 990); do echo "class$i,$((i + 9))"; done; } > classes.csv

exits 5 check --classes classes.csv --all
exits 5 check --classes classes.csv --min-images 1 --subset
exits 5 check --classes classes.csv --min-images 1 --skip-unannotated
check --classes classes.csv --min-images 1 --subset --skip-unannotated
# A class in the data that has too few images is no class that is missing.
exits 5 check --classes classes.csv --subset --skip-unannotated
# As a table, all are there.
exits 5 check --classes classes.csv --as findings.csv --out - | cut -d, -f 1 | sort | uniq -c | sed 's/^ *//'
# Few of them are listed.
printf '%s\n' name,index coat,4 boot,9 bag,8 > few.csv
exits 5 check --classes few.csv --skip-unannotated --min-images 1
