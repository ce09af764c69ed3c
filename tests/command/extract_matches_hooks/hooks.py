#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small network, and what its layers give in eager PyTorch.

usage: hooks.py make                            m.pt, p.json and images/ in the working folder; 011.png is broken
       hooks.py compare TABLE LAYER POOL [ARRAY]   TABLE.csv names the rows of ARRAY.npy (default: TABLE.npy), which
                                                have to be what LAYER gives, pooled by none, mean or max
"""
import csv
import os
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn

SIDE, COUNT = 32, 37
TOLERANCE = 1e-4  # ten times what batch normalisation folded into the convolution changes
POOLS = {"none": lambda a: a, "mean": lambda a: a.mean((1, 2)), "max": lambda a: a.max((1, 2))}


def make_model():
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
                         nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU(inplace=True))
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5)).eval()


def make():
    torch.jit.script(make_model()).save("m.pt")
    with open("p.json", "w", encoding="utf-8") as file:
        file.write('{"crop": %d}' % SIDE)
    os.mkdir("images")
    random = np.random.default_rng(1)
    for i in range(COUNT):
        Image.fromarray(random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save("images/%03d.png" % i)
    with open("images/011.png", "wb") as file:
        file.write(b"no picture")


def hooked(model, layer, image):
    seen = []
    # A copy: the next layer works in place.
    handle = model.get_submodule(layer).register_forward_hook(lambda m, i, o: seen.append(o.clone()))
    pixels = np.asarray(Image.open("images/" + image), dtype=np.float32).transpose(2, 0, 1) / 255.0
    with torch.no_grad():
        model(torch.from_numpy(pixels)[None])
    handle.remove()
    return seen[0][0].numpy()


def compare(table, layer, pool, array=None):
    with open(table + ".csv", newline="", encoding="utf-8") as file:
        images = [row["image"] for row in csv.DictReader(file)]
    rows, model = np.load((array or table) + ".npy", mmap_mode="r"), make_model()
    assert rows.shape[0] == len(images) == COUNT - 1 and "011.png" not in images
    for row, image in zip(rows, images):
        truth = POOLS[pool](hooked(model, layer, image))
        assert row.shape == truth.shape, (row.shape, truth.shape)
        worst = float(np.abs(row.astype(np.float64) - truth).max())
        assert worst <= TOLERANCE, (image, worst)


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
