#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A full disk is an error, and nothing that was computed is lost. (score_small_disk fills a real one.)
. "$LIB"

take_scenes coat_000
mkdir o
ln -s /dev/full o/images.csv.part
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o; }

exits 1 score > /dev/null
score
# A run that computes nothing has no speed.
score | tail -n 1
