#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small imitation of ImageNet-9, to try run.sh without the data: photos of Tiny-ImageNet in the same layout.

usage: imitate.py FOLDER [COUNT]     (default: 20 images a class)

The foreground is the photo's box, not an outline; so there is no no_fg, and part of the background comes along. Photos:
../photos/sources.py, which ../photos/fetch.sh fetches (CHECKROB_PHOTOS names the folder). Needs NumPy and Pillow.
"""
import os
import random
import sys

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "photos"))
import sources

SIDE = 224
# The classes of ImageNet-9, and those of Tiny-ImageNet that belong to them.
CLASSES = {
    "00_dog": "n02085620 n02094433 n02099601 n02099712 n02106662 n02113799",
    "01_bird": "n01855672 n02002724 n02056570 n02058221",
    "02_wheeled vehicle": "n02814533 n03100240 n03393912 n03444034 n03599486 n03670208 n03796401 n03977966 n04285008 n04465501",
    "03_reptile": "n01698640 n01742172",
    "04_carnivore": "n02125311 n02129165 n02132136 n02509815",
    "05_insect": "n02165456 n02190166 n02206856 n02226429 n02231487 n02233338 n02236044 n02268443 n02279972 n02281406",
    "06_musical instrument": "n03838899 n03854065",
    "07_primate": "n02480495 n02481823 n02486410",
    "08_fish": "n01443537",
}


def tiled(pixels, box):
    """The photo with its box filled from the largest strip of background beside it, repeated."""
    x0, y0, x1, y1 = box
    strips = [pixels[:, :x0], pixels[:, x1:], pixels[:y0], pixels[y1:]]
    strip = max(strips, key=lambda part: part.shape[0] * part.shape[1])
    repeat = -(-SIDE // strip.shape[0]), -(-SIDE // strip.shape[1]), 1
    filled = pixels.copy()
    filled[y0:y1, x0:x1] = np.tile(strip, repeat)[y0:y1, x0:x1]
    return filled


def read(count):
    """{class: [(name, pixels, box)]}, the same number from each class of Tiny-ImageNet."""
    found = {}
    for name, wnids in CLASSES.items():
        wnids = wnids.split()
        each = -(-count // len(wnids))
        of_wnid = [[(f"{w}_{i:05}", *photo) for i, photo in enumerate(sources.tiny(w, SIDE, each, 0))] for w in wnids]
        found[name] = [photo for photos in zip(*of_wnid) for photo in photos][:count]
    return found


def write(folder, variant, label, name, pixels):
    path = os.path.join(folder, variant, "val", label)
    os.makedirs(path, exist_ok=True)
    Image.fromarray(pixels).save(os.path.join(path, name + ".JPEG"), quality=95)


def write_photo(folder, label, photo, backgrounds):
    """One foreground in each variant; `backgrounds`: {variant: the photo that it gets its background from}."""
    name, pixels, box = photo
    x0, y0, x1, y1 = box
    inside = np.zeros((SIDE, SIDE, 1), bool)
    inside[y0:y1, x0:x1] = True
    write(folder, "original", label, name, pixels)
    write(folder, "only_bg_b", label, name, pixels * ~inside)
    write(folder, "only_bg_t", label, name, tiled(pixels, box))
    write(folder, "only_fg", label, name, pixels * inside)
    for variant, (other, other_pixels, other_box) in backgrounds.items():
        mixed = np.where(inside, pixels, tiled(other_pixels, other_box))
        write(folder, variant, label, f"fg_{name}_bg_{other}", mixed)


def main(folder, count=20):
    photos, chance = read(int(count)), random.Random(0)
    labels = list(photos)
    for index, label in enumerate(labels):
        for photo in photos[label]:
            backgrounds = {"mixed_same": label, "mixed_rand": chance.choice(labels),
                           "mixed_next": labels[(index + 1) % len(labels)]}
            others = {v: [p for p in photos[other] if p is not photo] for v, other in backgrounds.items()}
            write_photo(folder, label, photo, {v: chance.choice(of_class) for v, of_class in others.items()})


main(*sys.argv[1:])
