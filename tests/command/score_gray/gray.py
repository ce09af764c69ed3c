# SPDX-License-Identifier: Apache-2.0
"""A model of gray images. usage: gray.py make | gray.py compare IMAGES.csv SCENES"""
import csv
import os
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn


def make():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))
    torch.jit.script(model.eval()).save("gray.pt")


def compare(table, scenes):
    model = torch.jit.load("gray.pt")
    count = 0
    for row in csv.DictReader(open(table, encoding="utf-8")):
        image = Image.open(os.path.join(scenes, row["image"])).convert("L")
        x = torch.from_numpy(np.asarray(image, dtype=np.float32) / 255)[None, None]
        with torch.no_grad():
            logit = model((x - 0.5) / 0.25)[0, int(row["index"])].item()
        assert abs(logit - float(row["logit"])) < 1e-4, (row["image"], logit, row["logit"])
        count += 1
    print(count, "images agree")


if sys.argv[1] == "make":
    make()
else:
    compare(*sys.argv[2:])
