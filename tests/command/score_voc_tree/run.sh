#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pascal VOC's own folders, lists of images, and masks of classes.
. "$LIB"

voc_tree
score() { checkrob score "${model[@]}" "${classes[@]}" --dataset voc --images VOC2012 "$@"; }

score --out o | tail -n 2 | sed -n 1p
echo "== --list"
score --out l --list VOC2012/ImageSets/Main/bag_val.txt | tail -n 2 | sed -n 1p
columns l/images.csv image,class,index,status
echo "== class masks"
score --out m --regions class-masks --names names.txt | tail -n 2 | sed -n 1p
columns m/images.csv image,class,index,status,message
echo "== class masks, without the images that have none"
score --out s --regions class-masks --names names.txt --skip-unannotated | tail -n 2 | sed -n 1p
columns s/images.csv image,class,index,status,message
