# SPDX-License-Identifier: Apache-2.0
"""Writes a world as checkrob reads it: model.pt, photos.tar and objects.csv (a manifest), classes.csv, preprocess.json.

usage: export.py FAMILY_FOLDER VARIANT OUT
"""
import csv
import io
import json
import pathlib
import sys
import tarfile
import warnings

import torch
from PIL import Image

import backbone
import measure


def main(folder, variant, out):
    family, out = measure.Family(folder), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    names = family.plan.classes
    network = backbone.NETWORKS[family.network]
    late = backbone.late(family.network, len(names), family.folder / f"late-{variant}.pt")
    whole = backbone.Whole(network.Early(family.side), late).eval().requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(whole, torch.rand(2, 3, family.side, family.side)).save(str(out / "model.pt"))
    with tarfile.open(out / "photos.tar", "w") as tar, open(out / "objects.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["image", "class", "x1", "y1", "x2", "y2"])
        for number, item in enumerate(family.chosen(variant)):
            data = io.BytesIO()
            Image.fromarray(family.items[item]).save(data, "PNG")
            entry = tarfile.TarInfo(f"{number:05}.png")
            entry.size = data.tell()
            data.seek(0)
            tar.addfile(entry, data)
            table.writerow([entry.name, names[family.labels[number]], *family.boxes[number]])
    with open(out / "classes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "index"), *zip(names, range(len(names)))])
    preset = {"resize": family.side, "crop": family.side, "filter": "bicubic",
              "mean": [v / 255 for v in network.mean], "std": [v / 255 for v in network.deviation]}
    (out / "preprocess.json").write_text(json.dumps(preset) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
