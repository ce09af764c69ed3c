#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Advice on the planted example: the class with an emblem needs images without it.
. "$LIB"

checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --advice --cues --probe verdict --out a > /dev/null
checkrob advise a > list
grep -E '^(tshirt|coat|shirt|pullover) \([a-z ]+\): (add|drop) [0-9]+ images?' list | sed 's/ .*//' | sort
tail -2 list | sed 's/[0-9][0-9]*/N/g'
[ "$(wc -L < list)" -le 80 ] || die "wider than 80 columns"
[ "$(checkrob advise a --all | wc -l)" -gt "$(wc -l < list)" ] || die "--all prints no more"
checkrob export a --as advice.csv
head -1 advice.csv
checkrob export a --as duplicates.csv
head -1 duplicates.csv
checkrob data a > data
head -1 data | sed 's/[0-9][0-9]*/N/g'
grep -cE '^[a-z]+ +property ' data
tail -1 data | sed 's/[0-9][0-9]*/N/g'
columns a/images.csv surroundings_rank,pasted_image,pasted_index,pasted_rank,pasted_object_rank | sed -n 2p | tr -d '[:digit:]'
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --advice --shard 1/2 --out part > /dev/null
checkrob advise part 2>&1 > /dev/null | sed 's/ alone.*//'
# The same run once more has the same advice.
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --advice --cues --probe verdict --out a > /dev/null
checkrob export a --as advice.csv --out again.csv
cmp advice.csv again.csv
