#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What verdicts networks get that know nothing. None may be better than doubtful.

usage: random_networks.py CHECKROB [NETWORKS [WORLD]]     (default: 100 networks)

Scores networks with random weights, of several depths and widths and with 2 to 20 outputs, with `checkrob score --probe
verdict`: on the 200 scenes of examples/planted, or on a WORLD as tests/bench/photos/export.py writes it. Class c of the
images counts as c modulo the number of outputs (with more outputs than classes, some have no images). Every second network
has its normalisation and the mean of its logits measured on the images, so that it does not answer the same for all of
them. Prints how many classes got which verdict, and fails if one is better than doubtful. Needs torch, NumPy and Pillow.
"""
import collections
import csv
import io
import json
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as tree

import numpy as np
import torch
from PIL import Image
from torch import nn

PLANTED = pathlib.Path(__file__).resolve().parents[2] / "examples" / "planted"
ALLOWED = {"doubtful", "non-robust", "not enough data"}


def network(chance, outputs):
    width, depth = chance.choice([8, 16, 32, 64]), chance.choice([3, 4, 5])
    layers, wide = [], 3
    for i in range(depth):
        layers += [nn.Conv2d(wide, width * (1 + i // 2), 3, 2 if i < 3 else 1, 1, bias=False), nn.BatchNorm2d(width * (1 + i // 2)), nn.ReLU()]
        wide = width * (1 + i // 2)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, outputs))


def read_scenes(folder):
    """(folder with the images and the preprocessing, [(image, class, box)])"""
    rows = []
    with tarfile.open(folder / "photos.tar", "w") as tar:
        for path in sorted((PLANTED / "scenes" / "images").glob("*.png")):
            tar.add(path, path.name)
            found = tree.parse(PLANTED / "scenes" / "annotations" / (path.stem + ".xml")).find("object")
            rows.append((path.name, found.findtext("name"), [found.findtext(f"bndbox/{k}") for k in ("xmin", "ymin", "xmax", "ymax")]))
    (folder / "preprocess.json").write_text((PLANTED / "preprocess.json").read_text())
    return folder, rows


def read_world(world):
    with open(world / "objects.csv", newline="") as file:
        return world, [(r["image"], r["class"], [r[k] for k in ("x1", "y1", "x2", "y2")]) for r in csv.DictReader(file)]


def pixels(world, preset):
    with tarfile.open(world / "photos.tar") as tar:
        found = [np.asarray(Image.open(io.BytesIO(tar.extractfile(m).read())).convert("RGB").resize([preset["crop"]] * 2), np.float32)
                 for m in tar.getmembers()]
    x = (np.stack(found) / 255 - np.float32(preset["mean"])) / np.float32(preset["std"])
    return torch.from_numpy(x.transpose(0, 3, 1, 2).copy())


@torch.no_grad()
def measured(model, inputs):
    for layer in model:
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None
    model.train()(inputs)
    model.eval()[-1].bias -= model(inputs).mean(0)


def verdicts(command, world, rows, model, outputs, folder):
    names = sorted({row[1] for row in rows})
    torch.jit.trace(model, torch.zeros(1, 3, *[json.loads((world / "preprocess.json").read_text())["crop"]] * 2)).save(str(folder / "model.pt"))
    with open(folder / "objects.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("image", "class", "x1", "y1", "x2", "y2"),
                                                         *((image, names.index(name) % outputs, *box) for image, name, box in rows)])
    with open(folder / "classes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "index"), *((i, i) for i in range(outputs))])
    subprocess.run([command, "score", "--probe", "verdict", "--model", folder / "model.pt", "--preprocess", world / "preprocess.json",
                    "--dataset", "manifest", "--images", world / "photos.tar", "--annotations", folder / "objects.csv", "--classes",
                    folder / "classes.csv", "--out", folder / "out", "--restart", "--threads", "1"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with open(folder / "out" / "classes.csv", newline="") as file:
        return [(row["verdict"], row["reason_code"]) for row in csv.DictReader(file)]


def main(command, networks="100", world=None):
    torch.set_num_threads(1)
    found, reasons, better = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        world, rows = read_world(pathlib.Path(world)) if world else read_scenes(folder)
        inputs = pixels(world, json.loads((world / "preprocess.json").read_text()))
        for number in range(int(networks)):
            chance = random.Random(number)
            torch.manual_seed(number)
            outputs = 2 + number % 19
            model = network(chance, outputs).eval()
            if number % 2:
                measured(model, inputs)
            for verdict, reason in verdicts(command, world, rows, model, outputs, folder):
                found[verdict] += 1
                reasons[verdict, reason] += 1
                if verdict not in ALLOWED:
                    better.append((number, outputs, verdict))
    print(f"{networks} networks: " + ", ".join(f"{count} {verdict}" for verdict, count in found.most_common()))
    for (verdict, reason), count in reasons.most_common():
        print(f"{count:5} {verdict}: {reason}")
    for number, outputs, verdict in better:
        print(f"network {number} with {outputs} outputs has a class: {verdict}", file=sys.stderr)
    return 1 if better else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
