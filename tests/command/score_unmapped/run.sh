#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Images whose classes the model does not have: failed samples, or skipped.
. "$LIB"

voc_tree
printf '%s\n' name,index bag,8 > few.csv
printf '%s\n' name,index Bag,8 > none.csv
score() { checkrob score "${model[@]}" --dataset voc --images VOC2012 "$@"; }

score --classes few.csv --out f
columns f/images.csv image,class,status,message
exits 1 score --classes few.csv --out f --skip-unmapped
score --classes few.csv --out k --skip-unmapped | tail -n 3
exits 3 score --classes none.csv --out n --skip-unmapped
echo "== a shard in which no image counts"
score --classes none.csv --out n2 --skip-unmapped --shard 1/2
