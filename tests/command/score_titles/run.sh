#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Titles of classes: tables, CSV and JSON lines show them, and a run may be resumed with others.
. "$LIB"

take_scenes boot_000 boot_001 coat_000 coat_001
printf '%s\n' name,index,title 'boot,9,"ankle boot, or <b>"' coat,4, > classes.csv
score=(score "${model[@]}" "${own[@]}" --out o)
checkrob "${score[@]}" --classes classes.csv | sed -n 1,3p
columns o/classes.csv class,index,title
columns o/images.csv image,class,index,title
head -1 o/classes.csv | cut -d, -f 1-4
checkrob export o --as images.jsonl
grep -o '"title":"[^"]*"' images.jsonl | sort -u

# Other titles change no sample.
cp o/images.csv before.csv
printf '%s\n' name,index,title boot,9,Stiefel coat,4,Mantel > others.csv
checkrob "${score[@]}" --classes others.csv | grep -E '^not enough data .*(Stiefel|Mantel) |resumed' | cut -c 1-28
columns o/images.csv image,class,index,title
values=image,class,rs,rs0,status
cmp <(columns before.csv $values) <(columns o/images.csv $values)

# Those of the second file are shown where the first has none.
checkrob "${score[@]}" --classes classes.csv > /dev/null
cp -r o second
checkrob "${score[@]}" --classes others.csv > /dev/null
checkrob compare second o | grep -E '^(verdict|not enough data .*(ankle boot|Mantel))' | cut -c 1-36

# Other indices are other results.
printf '%s\n' name,index,title boot,9,Stiefel coat,3,Mantel > wrong.csv
exits 1 checkrob "${score[@]}" --classes wrong.csv
