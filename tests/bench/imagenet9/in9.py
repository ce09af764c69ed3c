#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ImageNet-9 from logits: accuracy in nine classes, and BG-gap. Markdown.

usage: in9.py BG_CHALLENGE_FOLDER LOGITS_FOLDER MAP PREPROCESS VARIANT...

LOGITS_FOLDER has VARIANT.npy and VARIANT.csv as `checkrob extract` writes them. The protocol is that of Xiao, Engstrom,
Ilyas and Madry (ICLR 2021) and of their in9_eval.py: README.md.
"""
import collections
import csv
import json
import math
import os
import sys

import numpy as np

CLASSES = 9
Z = 1.959964  # two-sided 95 %


class Bad(Exception):
    """What is wrong with the user's files."""


class Variant:
    """The answers on one variant: `files`, `target` and `answer` (0 to 8; -1: an output outside the nine)."""

    def __init__(self, data, logits, name, table):
        self.name = name
        folder = os.path.join(data, name, "val")
        # As in ImageFolder: a class is a folder, and its index the folder's rank.
        self.classes = sorted(entry for entry in os.listdir(folder) if os.path.isdir(os.path.join(folder, entry)))
        if len(self.classes) != CLASSES:
            raise Bad(f"{folder} has {len(self.classes)} class folders, ImageNet-9 has nine")
        with open(os.path.join(logits, name + ".csv"), newline="", encoding="utf-8") as file:
            self.files = [row["image"] for row in csv.DictReader(file)]
        outputs = np.load(os.path.join(logits, name + ".npy"), mmap_mode="r").reshape(len(self.files), -1)
        failed = os.path.join(logits, name + ".failed.csv")
        self.failed = 0
        if os.path.exists(failed):
            with open(failed, newline="", encoding="utf-8") as file:
                self.failed = sum(1 for _ in csv.DictReader(file))
        if outputs.shape[1] != len(table):
            expected = f"the map has {len(table)} classes" if len(table) != CLASSES else "nine are needed without a map"
            raise Bad(f"the model has {outputs.shape[1]} outputs, {expected}")
        rank = {name: i for i, name in enumerate(self.classes)}
        folders = [file.split("/")[0] for file in self.files]
        if not set(folders) <= set(rank):
            raise Bad(f"{folder} has images outside the class folders")
        self.target = np.array([rank[name] for name in folders], int)
        # The best of all outputs, which then is mapped: an output outside the nine classes is an error.
        self.answer = table[outputs.argmax(1)]
        self.right = self.answer == self.target


def read_map(path):
    """Of each output its class, 0 to 8, or -1."""
    if path == "-":
        return np.arange(CLASSES)
    with open(path, encoding="utf-8") as file:
        table = json.load(file)
    if not isinstance(table, dict) or sorted(table) != sorted(str(i) for i in range(len(table))):
        raise Bad(f"{path} has to map each output, \"0\" to the last, to a class")
    table = np.array([table[str(i)] for i in range(len(table))])
    if table.dtype.kind != "i" or table.min() < -1 or table.max() >= CLASSES:
        raise Bad(f"{path} has to map to classes 0 to 8, or -1")
    return table


def foreground(file):
    """What the names of two images of one foreground share: fg_n02085620_16757_bg_n01532829_06835.JPEG."""
    folder, _, name = file.rpartition("/")
    return folder, os.path.splitext(name)[0].split("_bg_")[0]


def wilson(right, total):
    """Wilson's interval of a proportion."""
    share, extra = right / total, Z * Z / total
    middle = (share + extra / 2) / (1 + extra)
    half = Z / (1 + extra) * math.sqrt(share * (1 - share) / total + extra / (4 * total))
    return middle - half, middle + half


def pairs_of(same, rand):
    """Rows (of same, of rand) of foregrounds that each variant has exactly once."""
    rows = []
    for files in same, rand:
        count = collections.Counter(map(foreground, files))
        rows.append({foreground(file): i for i, file in enumerate(files) if count[foreground(file)] == 1})
    shared = [key for key in rows[0] if key in rows[1]]
    return np.array([rows[0][k] for k in shared], int), np.array([rows[1][k] for k in shared], int)


def interval(same, rand, paired_same, paired_rand):
    """Of the difference of two proportions; booleans. The last two are the pairs among the first two.

    With all images paired, Agresti and Min's (2005): half an image is added to each cell of the 2 x 2 table. Without
    pairs, Agresti and Caffo's (2000): a success and a failure are added to each side. In between, the covariance counts
    for the pairs.
    """
    n, m, pairs = len(same) + 2, len(rand) + 2, len(paired_same)
    p, q = (same.sum() + 1) / n, (rand.sum() + 1) / m
    variance = p * (1 - p) / n + q * (1 - q) / m
    if pairs:
        k = pairs + 2
        both = ((paired_same & paired_rand).sum() + 0.5) / k
        covariance = both - (paired_same.sum() + 1) / k * (paired_rand.sum() + 1) / k
        variance -= 2 * k * covariance / (n * m)
    half = Z * math.sqrt(max(variance, 0))
    return max(p - q - half, -1), min(p - q + half, 1)


class Gap:
    """BG-gap: accuracy on mixed_same less accuracy on mixed_rand, of one class or (index None) of all."""

    def __init__(self, same, rand, index=None):
        in_same, in_rand = (v.target == v.target if index is None else v.target == index for v in (same, rand))
        if not in_same.any() or not in_rand.any():
            raise Bad("a class without images in mixed_same or mixed_rand")
        left, right = pairs_of(same.files, rand.files)
        keep = in_same[left]
        left, right = left[keep], right[keep]
        self.pairs = len(left)
        self.same, self.rand = same.right[in_same].mean(), rand.right[in_rand].mean()
        self.gap = self.same - self.rand
        self.low, self.high = interval(same.right[in_same], rand.right[in_rand], same.right[left], rand.right[right])


def crops(preprocess):
    """Does it cut a part of a square image off?"""
    if preprocess in ("imagenet", "paper"):
        return preprocess == "imagenet"
    with open(preprocess, encoding="utf-8") as file:
        given = json.load(file)
    both = [np.broadcast_to(given[key], 2).tolist() for key in ("resize", "crop") if key in given]
    return len(both) == 2 and both[0] != both[1]


def percent(value):
    return f"{100 * value:.1f} %"


def between(low, high):
    return f"{100 * low:.1f} to {100 * high:.1f}"


def print_variants(variants):
    print("| variant | images | accuracy | 95 % interval | predicted outside the nine classes | failed images |")
    print("|---|---|---|---|---|---|")
    for v in variants:
        print(f"| {v.name} | {len(v.files)} | {percent(v.right.mean())} | {between(*wilson(v.right.sum(), len(v.files)))} | "
              f"{percent((v.answer < 0).mean())} | {v.failed} |")


def print_gaps(same, rand):
    print("| class | mixed_same | mixed_rand | BG-gap | 95 % interval | images | paired |")
    print("|---|---|---|---|---|---|---|")
    for index in [None, *range(CLASSES)]:
        gap = Gap(same, rand, index)
        name = "**all**" if index is None else same.classes[index]
        counts = [len(v.files) if index is None else int((v.target == index).sum()) for v in (same, rand)]
        images = f"{counts[0]}" if counts[0] == counts[1] else f"{counts[0]} and {counts[1]}"
        print(f"| {name} | {percent(gap.same)} | {percent(gap.rand)} | {percent(gap.gap)} | {between(gap.low, gap.high)} | "
              f"{images} | {gap.pairs} |")


def main(data, logits, table, preprocess, *names):
    table = read_map(table)
    variants = {name: Variant(data, logits, name, table) for name in names}
    same, rand = variants["mixed_same"], variants["mixed_rand"]
    if same.classes != rand.classes:
        raise Bad("mixed_same and mixed_rand have other class folders")
    print_variants(variants.values())
    print()
    print_gaps(same, rand)
    if crops(preprocess):
        print("\nNot the paper's input: the preprocess cuts the images' borders off. It resizes to a larger size than it crops "
              "to.")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Bad, OSError, ValueError) as error:
        sys.exit(f"imagenet9: {error}")
