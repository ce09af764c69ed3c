#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The authors' photos and their numbers: the paper's profile repeats the study.
. "$LIB"

need shared
printf '%s\n' name,index kangaroo,104 > classes.csv
checkrob score --model "$SHARED/golden/squeezenet1_1_traced.pt" --layer features.12 --method gradcam --profile paper \
  --dataset voc --images "$SHARED/kangaroo/images" --annotations "$SHARED/kangaroo/annots" --classes classes.csv --out o
columns o/images.csv image,class,index,rs,status,message | grep -v ',ok,'
# The same tolerance as in test_golden.c. The authors' file leaves out the photo that is truncated.
columns o/images.csv image,rs,status | grep -v bad_input | cut -d, -f 1,2 > ours.csv
columns "$SHARED/golden/squeezenet1_1_traced__features.12__GradCAM.csv" image,rs > theirs.csv
wc -l < theirs.csv
agree ours.csv theirs.csv 1e-4
