#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# With options for which no thresholds were measured, only the user's own say more than doubtful. xgradcam has a contrast,
# but no reference.
. "$LIB"

score() { checkrob score "${model[@]}" "${scenes[@]}" "${classes[@]}" --out "$@"; }

for method in eigencam xgradcam; do
  score $method --method $method | grep -o 'the thresholds were not measured.*' | sort -u
  columns $method/classes.csv verdict | sort | uniq -c
done
score eigencam --method eigencam --verdict robust=2 > /dev/null
