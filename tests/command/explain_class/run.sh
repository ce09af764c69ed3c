#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Contact sheets of a class, by name, title and index; the best, worst and typical images; folders of pictures.
. "$LIB"

take_scenes coat_000 coat_001 coat_002 coat_003 bag_000
sed 's/^name,index$/&,title/; s/^coat,4$/&,A warm coat/; s/,[0-9]$/&,/' "$PLANTED/classes.csv" > titles.csv
explain() { checkrob explain "${model[@]}" "${own[@]}" --classes titles.csv "$@"; }
size() { "$PYTHON" -c 'import struct, sys; print(*struct.unpack(">II", open(sys.argv[1], "rb").read()[16:24]))' "$1"; }

explain --class coat --out sheet.png
size sheet.png
for name in "a WARM coat" 4; do explain --class "$name" --out other.png | sed 's/ on .*//' | tail -1; cmp sheet.png other.png; done
explain --class-index 4 --out other.png > /dev/null
cmp sheet.png other.png
echo "== top"
explain --class coat --top worst:2 --out w.png | awk '/^ / { print $2 }'
explain --class coat --top best:3 --out b.png | awk '/^ / { print $2 }'
explain --class coat --top typical:2 --out t.png | awk '/^ / { print $2 }'
explain --top worst:9 --out all.png --threads 1 --batch 2 | grep -c '^ .*\.png '
echo "== a folder"
halve images/coat_002.png
explain --class coat --out d/pictures --longest-side 100 --colour-map viridis
ls d/pictures
size d/pictures/class-4-001.png
columns d/pictures/pictures.csv file,image,class,index,rank,predicted
echo "== one image of the dataset, and another class"
explain --image coat_000.png --out one.png | sed -n 1,3p | tail -1
explain --image images/coat_000.png --class-index 8 --out two.png | sed -n 1,3p | tail -1
cmp one.png two.png > /dev/null && die "both classes have the same map"
explain --image coat_000.png --alpha 0 --outlines off --out plain.png > /dev/null
cmp one.png plain.png > /dev/null && die "the style changes nothing"
rm -r d/pictures/pictures.csv
echo "== photos without a dataset"
checkrob explain "${model[@]}" --image images/coat_000.png --image images/bag_000.png --class-index 4 --annotations annotations --out p.png
checkrob explain "${model[@]}" --image images/coat_000.png --classes titles.csv --class "A warm coat" --annotations annotations --out p.png | tail -2
checkrob explain "${model[@]}" --images images --class-index 4 --out all.png | tail -1
checkrob explain "${model[@]}" --image images/coat_000.png --image images/coat_000.png --class-index 4 --out p.png | tail -1
