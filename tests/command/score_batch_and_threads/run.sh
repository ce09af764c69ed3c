#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Results don't depend on the batch or on threads, but for float32 sums in another order.
. "$LIB"

score() { checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" "$@" > /dev/null; }

score --out a --batch 1 --threads 1
score --out b --batch 64 --threads 2
columns a/images.csv image,class,index,rs,rank,status > a.csv
columns b/images.csv image,class,index,rs,rank,status > b.csv
wc -l < a.csv
agree a.csv b.csv 1e-4
