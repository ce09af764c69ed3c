#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Photos that are stored lying on their side, with an EXIF orientation: the scores, the findings and the
# pictures of the upright ones, and other scores where they are read as stored.
. "$LIB"
need PIL

take_scenes coat_000 coat_001 boot_000
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@"; }
explain() { checkrob explain "${model[@]}" --annotations annotations --class-index 4 --image images/coat_000.png "$@"; }

score --out plain > /dev/null
explain --out plain.png > plain.txt
"$PYTHON" - <<'END'
from pathlib import Path
from PIL import Image

for path in Path("images").iterdir():
    upright = Image.open(path).convert("RGB")
    exif = upright.getexif()
    exif[274] = 6
    upright.rotate(90, expand=True).save(path, exif=exif)
END
score --out turned > /dev/null
score --out stored --orientation stored > /dev/null
explain --out turned.png > turned.txt
for run in plain turned stored; do columns $run/images.csv image,class,rs,contrast,status > $run.csv; done
cmp plain.csv turned.csv
cmp plain.png turned.png
cmp <(grep -v overlay plain.txt) <(grep -v overlay turned.txt)
! cmp -s plain.csv stored.csv || die "nothing changed"
columns turned/images.csv image,message
columns stored/images.csv image,message
checkrob extract "${model[@]}" --images images --out a.npy --pool mean
exits 5 checkrob check "${own[@]}" "${classes[@]}" --min-images 0
