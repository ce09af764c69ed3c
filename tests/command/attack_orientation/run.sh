#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pictures that are made after a run have the objects where the run had them: here they were drawn on the photos as
# stored, and the run turns both upright.
. "$LIB"
need PIL

# The model sees the middle 64 of 66 rows: the scene. The size in the annotation tells how it was drawn.
"$PYTHON" - "$PLANTED/scenes" <<'END'
import sys
from pathlib import Path
from xml.etree import ElementTree
from PIL import Image

WIDTH, HEIGHT = 64, 66
for folder in ["images", "annotations", "turned", "drawn"]:
    Path(folder).mkdir()


def write(path, box, width, height, name):
    corners = "".join(f"<{n}>{v}</{n}>" for n, v in zip(["xmin", "ymin", "xmax", "ymax"], box))
    Path(path).write_text(f"<annotation><size><width>{width}</width><height>{height}</height></size><object>"
                          f"<name>{name}</name><bndbox>{corners}</bndbox></object></annotation>")


for source in sorted(Path(sys.argv[1], "images").glob("*.png")):
    photo = Image.new("RGB", (WIDTH, HEIGHT))
    photo.paste(Image.open(source).convert("RGB"), (0, 1))
    photo.save(f"images/{source.name}")
    exif = photo.getexif()
    exif[274] = 6
    photo.rotate(90, expand=True).save(f"turned/{source.name}", exif=exif)
    thing = ElementTree.parse(Path(sys.argv[1], "annotations", source.stem + ".xml")).find("object")
    x1, y1, x2, y2 = (int(thing.find("bndbox/" + n).text) for n in ["xmin", "ymin", "xmax", "ymax"])
    y1, y2 = y1 + 1, y2 + 1
    write(f"annotations/{source.stem}.xml", (x1, y1, x2, y2), WIDTH, HEIGHT, thing.find("name").text)
    stored = (y1, WIDTH + 1 - x2, y2, WIDTH + 1 - x1)
    write(f"drawn/{source.stem}.xml", stored, HEIGHT, WIDTH, thing.find("name").text)
END

run=("${model[@]}" "${classes[@]}" --dataset voc --features --attack-images own --probe verdict)
checkrob score "${run[@]}" "${own[@]}" --out plain > /dev/null 2>&1
checkrob score "${run[@]}" --images turned --annotations drawn --orientation upright --out lying > /dev/null 2>&1
for what in plain lying; do
  columns $what/images.csv image,class,rs,contrast,status > $what.csv
  checkrob features $what --out $what-sheets > /dev/null
  checkrob attack $what --out $what-made --most 2 > /dev/null
done
cmp plain.csv lying.csv
[ "$(ls plain-sheets | wc -l)" -gt 0 ] || die "no sheets"
[ "$(ls plain-made | grep -vc '^pool')" -gt 1 ] || die "nothing pasted"
[ "$(ls plain-made | grep -c '^pool')" -gt 1 ] || die "no pool"
same=yes
for pictures in sheets made; do diff -r plain-$pictures lying-$pictures || same=no; done
[ $same = yes ] || die "the pictures differ"
