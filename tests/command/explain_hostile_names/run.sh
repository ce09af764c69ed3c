#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Names with quotes, line breaks, escape sequences and bytes that are not UTF-8 do no harm, and no picture replaces a photo.
. "$LIB"

take_scenes coat_000 coat_001
mkdir photos
names=('a "b".png' $'line\nbreak.png' $'\e[31mred.png' $'latin\xe9.png' '<script>.png')
for name in "${names[@]}"; do cp images/coat_000.png "photos/$name"; done
images=()
for name in "${names[@]}"; do images+=(--image "photos/$name"); done
checkrob explain "${model[@]}" "${images[@]}" --class-index 4 --out d
"$PYTHON" -c 'import csv; rows = list(csv.DictReader(open("d/pictures.csv", newline="", errors="surrogateescape"))); print(len(rows), [r["image"].encode("utf-8", "surrogateescape") for r in rows])'
echo 'name,index,title
coat,4,"<script>alert(1)</script>"' > c.csv
checkrob explain "${model[@]}" "${own[@]}" --classes c.csv --class "<SCRIPT>alert(1)</script>" --out s.png | sed -n 4p
exits 1 checkrob explain "${model[@]}" "${own[@]}" --classes c.csv --class $'\e[31m' --out s.png
cp -r images before
exits 1 checkrob explain "${model[@]}" "${own[@]}" "${classes[@]}" --class coat --out images/coat_001.png
cp images/coat_000.png d/class-4-001.png
exits 1 checkrob explain "${model[@]}" --image images/coat_001.png --image d/class-4-001.png --class-index 4 --out d
cmp images/coat_000.png d/class-4-001.png
diff -r before images
