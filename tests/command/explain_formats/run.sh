#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One image has the same map, region and score in every format of dataset.
. "$LIB"

take_scenes coat_000 bag_000
manifest > all.csv
grep -e ^image -e coat_000 -e bag_000 all.csv > m.csv
read -r x1 y1 x2 y2 < <(sed -n 's/coat_000.png,coat,//p' m.csv | tr , ' ')
mkdir labels
"$PYTHON" - "$x1" "$y1" "$x2" "$y2" << 'END'
import json, sys
x1, y1, x2, y2 = map(int, sys.argv[1:])
json.dump({"images": [{"id": 1, "file_name": "coat_000.png", "width": 64, "height": 64}],
           "categories": [{"id": 7, "name": "coat"}],
           "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0}]},
          open("coco.json", "w"))
print(0, (x1 + x2) / 128, (y1 + y2) / 128, (x2 - x1) / 64, (y2 - y1) / 64, file=open("labels/coat_000.txt", "w"))
print("coat", file=open("names.txt", "w"))
END
mkdir -p tree/coat
cp images/coat_000.png tree/coat/
explain() { checkrob explain "${model[@]}" "${classes[@]}" --class coat --image coat_000.png --out o.png "$@" | tail -2; }

explain "${own[@]}"
cp o.png voc.png
for options in "--dataset manifest --annotations m.csv" "--dataset coco --annotations coco.json" \
  "--dataset yolo --annotations labels --names names.txt --skip-unannotated"; do
  read -ra words <<< "$options"
  explain --images images "${words[@]}" 2> /dev/null
  cmp voc.png o.png
done
explain --dataset imagenet --images tree --annotations annotations
cmp voc.png o.png
tar cf images.tar images
explain --dataset voc --images images.tar --annotations annotations
cmp voc.png o.png
echo coat_000 > list.txt
checkrob explain "${model[@]}" "${classes[@]}" "${own[@]}" --list list.txt --out o.png | tail -1
