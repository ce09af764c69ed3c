#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pascal VOC's own folders, masks, and images without a mask or an object that counts.
. "$LIB"

voc_tree
printf '%s\n' name,index bag,8 > few.csv
check() { checkrob check --dataset voc --images VOC2012 --min-images 0 "$@"; }

check "${classes[@]}"
echo "== class masks"
exits 5 check "${classes[@]}" --skip-unannotated --regions class-masks --names names.txt
echo "== fewer classes"
check --classes few.csv --skip-unmapped
