#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each --reference makes another map; the paper's profile is what its authors did.
. "$LIB"

take_scenes boot_000
score() {
  checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out o --restart "$@" > /dev/null
  columns o/images.csv image,rs,contrast,probability,rank | tail -n 1
}

score
score --reference none
score --profile paper "${model[@]}" > paper
cat paper
score --profile paper "${model[@]}" --score logit --reference none | cmp - paper
