#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each --score makes another map, and the summary names it.
. "$LIB"

take_scenes coat_000
for score in logit probability margin log-odds; do
  checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --score $score --out $score > /dev/null
  values $score/summary.json options.score
  columns $score/images.csv image,rs,contrast | tail -n 1
done
