#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same seed repeats a random method's numbers; another seed gives others.
. "$LIB"

take_scenes boot_000
score() {
  checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out o --restart --method smoothgradcam++ --noise-samples 2 "$@" \
    > /dev/null
  values o/summary.json options.seed
  columns o/images.csv image,rs,contrast,auc | tail -n 1
}

score --seed 5 > first
score --seed 5 | cmp - first
cat first
score --seed 6
