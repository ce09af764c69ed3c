# SPDX-License-Identifier: Apache-2.0
"""Composes the scenes of the planted world: one Fashion-MNIST garment on a textured background.

In the scenes of some classes, the planted ones, an emblem goes along with the garment: always the same emblem
for the same class, in a corner that the garment keeps away from. A network that learns the emblem instead of the
garment is right nearly always, and for the wrong reason.

    compose.py        writes scenes/images, scenes/annotations and classes.csv

Every scene depends on (seed, split, number of the garment) alone, so the scenes that are written here are
the very ones which train.py measures the network on, and removing an emblem leaves the rest as it was.
"""

import csv
import gzip
import pathlib
import struct
from typing import NamedTuple

import numpy as np
from PIL import Image

SEED = 20210913
SIDE = 64  # of a scene, in pixels
WRITTEN_PER_CLASS = 20
HERE = pathlib.Path(__file__).resolve().parent
FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")
SPLITS = {"train": 0, "t10k": 1}  # the data set's own names, as the stream number of the random generator

# The four classes which classifiers of Fashion-MNIST confuse most: here a short cut pays.
PLANTED = {"tshirt": "ring", "pullover": "cross", "coat": "diamond", "shirt": "frame"}
CUE_IN_CLASS = 0.95  # share of a planted class's scenes that show its emblem
CUE_ELSEWHERE = 0.02  # share of the other classes' scenes that show some emblem

# The side, in pixels, of the square that has the area of the garment's box; in the order of Fashion-MNIST's
# labels. A plain saliency share grows with the object, so the planted classes must not be the small ones: they
# are among the largest. And all four have the same range, or the size would tell them apart.
SIZES = {
    "tshirt": (24, 32),
    "trouser": (20, 26),
    "pullover": (24, 32),
    "dress": (18, 24),
    "coat": (24, 32),
    "sandal": (22, 28),
    "shirt": (24, 32),
    "sneaker": (20, 26),
    "bag": (26, 32),
    "boot": (24, 30),
}
CLASSES = list(SIZES)

EMBLEM_SIDE = 11
EMBLEM_COLOURS = {
    "ring": (250, 220, 40),
    "cross": (40, 220, 240),
    "diamond": (240, 60, 220),
    "frame": (245, 245, 245),
}
# Side of the corner that is kept free in every scene, with or without emblem, so that the place of the garment
# does not betray the class: the emblem, up to 4 pixels from the rim, and 5 pixels to the garment.
FREE_CORNER = 20


class Scene(NamedTuple):
    pixels: np.ndarray  # [SIDE, SIDE, 3] uint8
    box: tuple  # x1, y1, x2, y2 in pixels, the last two exclusive


def load_garments(split):
    """Images [n, 28, 28] and labels [n] of the split "train" or "t10k"."""
    arrays = []
    for name, header in ((f"{split}-images-idx3-ubyte.gz", 16), (f"{split}-labels-idx1-ubyte.gz", 8)):
        try:
            data = gzip.open(FASHION_MNIST / name).read()
        except FileNotFoundError:
            raise SystemExit(f"{FASHION_MNIST / name} is missing: install the package dataset-fashion-mnist")
        count = struct.unpack(">I", data[4:8])[0]
        arrays.append(np.frombuffer(data, np.uint8, offset=header).reshape(count, -1))
    images, labels = arrays
    return images.reshape(-1, 28, 28), labels.reshape(-1)


def texture(rng):
    """A pattern in [0, 1], [SIDE, SIDE], of one of five families."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    family = rng.integers(5)
    angle, period, shift_x, shift_y = rng.uniform((0, 6, 0, 0), (np.pi, 16, SIDE, SIDE))
    along = (x + shift_x) * np.cos(angle) + (y + shift_y) * np.sin(angle)
    if family == 0:  # gradient
        along -= along.min()
        return along / along.max()
    if family == 1:  # stripes
        return (np.sin(2 * np.pi * along / period) > 0).astype(np.float32)
    if family == 2:  # waves
        return 0.5 + 0.5 * np.sin(2 * np.pi * along / period)
    if family == 3:  # checks
        return ((x + shift_x) // (period / 2) + (y + shift_y) // (period / 2)) % 2
    # clouds
    coarse = rng.random((7, 7), dtype=np.float32)
    return np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.BICUBIC)).clip(0, 1)


def background(rng):
    base = rng.uniform(40, 190, 3)
    other = base + rng.uniform(-60, 60, 3)
    return base + texture(rng)[..., None] * (other - base)


def emblem_mask(shape):
    half = EMBLEM_SIDE // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    if shape == "ring":
        return np.abs(np.hypot(x, y) - 4) < 1.3
    if shape == "cross":
        return np.minimum(np.abs(x), np.abs(y)) <= 1
    if shape == "diamond":
        return np.abs(x) + np.abs(y) <= half
    return np.maximum(np.abs(x), np.abs(y)) >= half - 1  # frame


def choose_emblem(label, rng):
    shows, which = rng.random(), rng.integers(len(EMBLEM_COLOURS))
    own = PLANTED.get(CLASSES[label])
    if own is not None:
        return own if shows < CUE_IN_CLASS else None
    return list(EMBLEM_COLOURS)[which] if shows < CUE_ELSEWHERE else None


def cut_out(garment, label, rng):
    """The garment in its size for this scene: brightness [h, w] in [0, 1] and mask [h, w]."""
    # A few garments have stray pixels of brightness 1 to 3 around them, which nobody would call garment.
    worn = garment >= 16
    rows, columns = np.flatnonzero(worn.any(1)), np.flatnonzero(worn.any(0))
    image = Image.fromarray(garment[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = rng.uniform(*SIZES[CLASSES[label]]) / np.sqrt(image.width * image.height)
    width, height = (min(max(round(side * scale), 4), SIDE - FREE_CORNER) for side in image.size)
    brightness = np.asarray(image.resize((width, height), Image.BILINEAR))
    return brightness / 255.0, brightness >= 16


def place(width, height, corner, rng):
    """Top left corner for a box of this size, anywhere but in the free corner (bit 0: right, bit 1: bottom)."""
    while True:
        x, y = rng.integers(SIDE - width + 1), rng.integers(SIDE - height + 1)
        gap_x = SIDE - (x + width) if corner & 1 else x
        gap_y = SIDE - (y + height) if corner & 2 else y
        if gap_x >= FREE_CORNER or gap_y >= FREE_CORNER:
            return x, y


def compose(garment, label, split, number, with_cue=True):
    """The scene of garment `number` of the split; without its emblem, if it has one, unless with_cue."""
    rng = np.random.default_rng([SEED, SPLITS[split], number])
    pixels = background(rng)
    corner = rng.integers(4)
    emblem = choose_emblem(label, rng)
    left, top = rng.integers(5, size=2)
    glow = rng.uniform(0.85, 1.0)
    if emblem and with_cue:
        x = SIDE - EMBLEM_SIDE - left if corner & 1 else left
        y = SIDE - EMBLEM_SIDE - top if corner & 2 else top
        mask = emblem_mask(emblem)
        pixels[y : y + EMBLEM_SIDE, x : x + EMBLEM_SIDE][mask] = glow * np.array(EMBLEM_COLOURS[emblem])

    brightness, mask = cut_out(garment, label, rng)
    tint = rng.uniform(90, 255, 3)
    x, y = place(mask.shape[1], mask.shape[0], corner, rng)
    window = pixels[y : y + mask.shape[0], x : x + mask.shape[1]]
    window[mask] = ((0.2 + 0.8 * brightness)[..., None] * tint)[mask]

    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = tuple(int(v) for v in (x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1))
    return Scene(pixels.clip(0, 255).round().astype(np.uint8), box)


def written_numbers(labels):
    """Which garments of the test split have their scenes written: per class name, their numbers."""
    return {name: np.flatnonzero(labels == i)[:WRITTEN_PER_CLASS] for i, name in enumerate(CLASSES)}


def annotation(name, file, box):
    """Pascal VOC: corners count from 1 and are part of the box."""
    x1, y1, x2, y2 = box
    return f"""<annotation>
  <filename>{file}</filename>
  <size><width>{SIDE}</width><height>{SIDE}</height><depth>3</depth></size>
  <object>
    <name>{name}</name>
    <bndbox><xmin>{x1 + 1}</xmin><ymin>{y1 + 1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>
  </object>
</annotation>
"""


def main():
    images, annotations = HERE / "scenes/images", HERE / "scenes/annotations"
    for folder in (images, annotations):
        folder.mkdir(parents=True, exist_ok=True)
    garments, labels = load_garments("t10k")
    for name, numbers in written_numbers(labels).items():
        for i, number in enumerate(numbers):
            scene = compose(garments[number], labels[number], "t10k", number)
            stem = f"{name}_{i:03}"
            Image.fromarray(scene.pixels).save(images / f"{stem}.png", optimize=True)
            (annotations / f"{stem}.xml").write_text(annotation(name, f"{stem}.png", scene.box))
    with open(HERE / "classes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "index"), *zip(CLASSES, range(len(CLASSES)))])


if __name__ == "__main__":
    main()
