#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The format imagenet: a folder for each class, of images and of annotations.
. "$LIB"

for class in coat bag; do
  mkdir -p images/$class annotations/$class
  cp "$PLANTED"/scenes/images/${class}_00*.png images/$class
  cp "$PLANTED"/scenes/annotations/${class}_00*.xml annotations/$class
done
checkrob score "${model[@]}" "${classes[@]}" --dataset imagenet --images images --annotations annotations --out o
columns o/images.csv image,class,index,status
