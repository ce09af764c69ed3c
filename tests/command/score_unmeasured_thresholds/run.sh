#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# With options for which no thresholds were measured, only the user's own say more than doubtful.
. "$LIB"

score() { checkrob score "${model[@]}" "${scenes[@]}" "${classes[@]}" --out o --method eigencam "$@"; }

score | grep -o 'the thresholds were not measured.*' | sort -u
columns o/classes.csv verdict | sort | uniq -c
score --verdict robust=2 > /dev/null
