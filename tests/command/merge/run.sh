#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two shards of a manifest join to what one run over XML files makes.
. "$LIB"

manifest > m.csv
by_manifest=(--dataset manifest --images "$PLANTED/scenes/images" --annotations m.csv)
score() { checkrob score "${model[@]}" "${classes[@]}" "$@" | tail -n 2 | sed -n 1p; }

score "${scenes[@]}" --out whole
score "${by_manifest[@]}" --out a --shard 1/2
score "${by_manifest[@]}" --out b --shard 2/2
checkrob merge a/results.sqlite --out part.sqlite
checkrob merge b/results.sqlite a/results.sqlite --out m.sqlite
checkrob export m.sqlite --as classes.csv --out m-classes.csv
agree whole/classes.csv m-classes.csv 1e-4
checkrob merge a --out half.sqlite # the folder stands for the file in it
checkrob compare whole/results.sqlite m.sqlite | sort # equal changes may be -0.000 or +0.000
checkrob compare whole a | tail -n 1
# In stages: a merged file is a part of the next one, which is complete.
checkrob merge part.sqlite b --out stages.sqlite
checkrob export stages.sqlite --as classes.csv --out stages-classes.csv
cmp stages-classes.csv m-classes.csv
# A list of files, beside those of the command line.
printf 'b\r\n\n' > list.txt
checkrob merge a --from list.txt --out list.sqlite
printf 'a\nb' | checkrob merge --from - --out input.sqlite
for file in list input; do
  checkrob export $file.sqlite --as classes.csv --out $file-classes.csv
  cmp $file-classes.csv m-classes.csv
done
