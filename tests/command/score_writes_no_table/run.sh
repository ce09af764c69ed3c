#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A table that cannot be written is an error, and nothing that was computed is lost. (score_small_disk fills a
# real disk.)
. "$LIB"

take_scenes coat_000
mkdir -p o/images.csv
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o; }

exits 1 score > /dev/null
rmdir o/images.csv
score
# A run that computes nothing has no speed.
score | tail -n 2 | sed -n 1p
