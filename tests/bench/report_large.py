#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A report of 1,000 classes and 50,000 samples: how long it takes, and how large it is.

usage: report_large.py CHECKROB PHOTOS FOLDER [IMAGES [CLASSES]]     (default: 50000 images, 1000 classes)

Cuts the images out of the photos below PHOTOS, into FOLDER. An untrained network, whose last layer is fitted so that
it sees all classes about as often, labels them; the boxes are drawn at random. So the numbers mean nothing, but the
pictures are as large as those of real photos, and most samples are recognised. Prints a line for each step.
"""

import csv
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy
import torch
from PIL import Image

SIDE, INPUT = 240, 64


class Network(torch.nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(3, 16, 5, 4, 2), torch.nn.ReLU(), torch.nn.Conv2d(16, 128, 3, 2, 1), torch.nn.ReLU())
        self.head = torch.nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.layers(x).mean((2, 3)))


def cut(photos, folder, images):
    """Random parts of the photos, as JPEG files in folders of 1000."""
    pictures = []
    for path in photos:
        try:
            pictures.append(Image.open(path).convert("RGB"))
        except OSError:
            pass  # a broken photo
    for i in range(images):
        path = folder / f"{i // 1000:03}" / f"{i:06}.jpg"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = random.choice(pictures)
        side = random.randint(min(picture.size) // 3, min(picture.size))
        x, y = random.randint(0, picture.width - side), random.randint(0, picture.height - side)
        picture.crop((x, y, x + side, y + side)).resize((SIDE, SIDE * 3 // 4)).save(path, quality=85)


def label(network, folder):
    """Fits the last layer to the images, and returns the class of each of them."""
    paths = sorted(folder.rglob("*.jpg"))
    mean, std = numpy.array([0.485, 0.456, 0.406]), numpy.array([0.229, 0.224, 0.225])
    represented = []
    with torch.no_grad():
        for path in paths:
            image = Image.open(path).resize((INPUT, INPUT), Image.BILINEAR)
            pixels = (numpy.asarray(image) / 255.0 - mean) / std
            represented.append(pixels.transpose(2, 0, 1).astype(numpy.float32))
            if len(represented) == 512 or path is paths[-1]:
                batch = network.layers(torch.from_numpy(numpy.stack(represented))).mean((2, 3))
                yield batch
                represented = []


def fit(network, batches):
    x = torch.cat(list(batches))
    with torch.no_grad():
        logits = network.head(x)
        network.head.weight /= logits.std(0)[:, None]
        network.head.bias[:] = -(x @ network.head.weight.T).mean(0)
        return network.head(x).argmax(1).tolist()


def write(folder, labels, classes):
    with open(folder / "classes.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "index", "title"])
        table.writerows([f"n{i:08}", i, f"class number {i}"] for i in range(classes))
    with open(folder / "manifest.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow("image,class,x1,y1,x2,y2".split(","))
        for path, index in zip(sorted((folder / "images").rglob("*.jpg")), labels):
            x, y = random.randint(0, SIDE // 2), random.randint(0, SIDE // 4)
            table.writerow([path.relative_to(folder / "images"), f"n{index:08}", x, y, x + SIDE // 3, y + SIDE // 3])


def timed(text, command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"{text}: {time.monotonic() - start:.1f} s", flush=True)


def main(checkrob, photos, folder, images=50000, classes=1000):
    folder, images, classes = Path(folder), int(images), int(classes)
    random.seed(1)
    torch.manual_seed(1)
    network = Network(classes).eval()
    if not (folder / "manifest.csv").exists():
        paths = sorted(p for p in Path(photos).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
        cut(paths, folder / "images", images)
        labels = fit(network, label(network, folder / "images"))
        torch.jit.script(network).save(folder / "model.pt")
        write(folder, labels, classes)
        (folder / "preprocess.json").write_text(
            '{"resize": [64, 64], "crop": 64, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}')
    if not (folder / "results/summary.json").exists():
        timed("score", [checkrob, "score", "--model", folder / "model.pt", "--preprocess", folder / "preprocess.json",
                        "--dataset", "manifest", "--annotations", folder / "manifest.csv", "--images", folder / "images",
                        "--classes", folder / "classes.csv", "--out", folder / "results"])
    page = folder / "report.html"
    timed("report", [checkrob, "report", folder / "results", "--out", page])
    print(f"{page.stat().st_size / 1e6:.2f} MB")


main(*sys.argv[1:])
