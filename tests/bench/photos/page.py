# SPDX-License-Identifier: Apache-2.0
"""Writes photos of ImageNet classes with their boxes, for docs/efficientnet-lite0.md.

usage: page.py OUT [CLASSES [PHOTOS]]      default: 66 classes, at most 28 photos of each

Every third class of Tiny-ImageNet-200, photos whose box covers 4 % to 50 %. Leaves in OUT: photos/*.png (64 pixels enlarged to
224), boxes.csv (a manifest), classes.csv (ImageNet's output indices), preprocess.json.
"""
import csv
import json
import pathlib
import sys

from PIL import Image

import sources

SIDE = 224
LIST = pathlib.Path(__file__).parents[3] / "lib/dataset/imagenet_classes.csv"


def main(out, classes=66, photos=28):
    out = pathlib.Path(out)
    (out / "photos").mkdir(parents=True, exist_ok=True)
    with open(LIST, newline="") as file:
        index = {row["name"]: row["index"] for row in csv.DictReader(file)}
    words = dict(line.split("\t") for line in
                 sources.repository(sources.TINY).read("tiny-imagenet-200/words.txt").decode().splitlines())
    chosen = sources.tiny_classes()[::3][:int(classes)]
    names = [words[wnid].split(",")[0].replace(" ", "-") for wnid in chosen]
    with open(out / "boxes.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["image", "class", "x1", "y1", "x2", "y2"])
        for wnid, name in zip(chosen, names):
            for number, (pixels, box) in enumerate(sources.tiny(wnid, SIDE, int(photos), 0)):
                image = f"{name}-{number:02}.png"
                Image.fromarray(pixels).save(out / "photos" / image)
                table.writerow([image, name, *box])
    with open(out / "classes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "index"), *((n, index[w]) for n, w in zip(names, chosen))])
    preset = {"resize": SIDE, "crop": SIDE, "filter": "bicubic", "mean": [127 / 255] * 3, "std": [128 / 255] * 3}
    (out / "preprocess.json").write_text(json.dumps(preset) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
