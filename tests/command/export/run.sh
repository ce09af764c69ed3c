#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each export of one run.
. "$LIB"

take_scenes coat_000 boot_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
for what in images.csv classes.csv looked_at.csv images.jsonl classes.jsonl looked_at.jsonl authors.csv; do
  checkrob export a --as $what
done
cmp images.csv a/images.csv
cmp classes.csv a/classes.csv
cat authors.csv classes.jsonl
keys images.jsonl
