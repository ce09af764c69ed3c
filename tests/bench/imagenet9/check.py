#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.sh on a tiny copy of ImageNet-9 with known answers.

usage: check.py CHECKROB

The images have one colour each, and the network tells which: so each image states its answer. Needs torch, NumPy and
Pillow.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image
import torch

import in9

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ["00_dog", "01_bird", "02_wheeled vehicle", "03_reptile", "04_carnivore", "05_insect", "06_musical instrument",
         "07_primate", "08_fish"]
OUTPUTS = 20
# Outputs 0 to 17: two for each class; 18 and 19 are outside.
MAP = {str(i): i // 2 if i < 18 else -1 for i in range(OUTPUTS)}
COUNT = 10


def network(outputs):
    """The output whose grey, 10 k + 5 of 255, is nearest to the image's mean wins: -(x - c)^2, without x^2."""
    grey = torch.tensor([(10 * k + 5) / 255 for k in range(outputs)])
    linear = torch.nn.Linear(3, outputs)
    with torch.no_grad():
        linear.weight.copy_((2 * grey / 3)[:, None].expand(outputs, 3))
        linear.bias.copy_(-grey ** 2)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 1, bias=False), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), linear)
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(3)[:, :, None, None])
    return torch.jit.trace(model.eval(), torch.zeros(1, 3, 8, 8))


def write(folder, variant, answers, name):
    """answers: {class: the outputs that its images get}; name: (variant, class, i) -> a file's name."""
    for index, of_class in answers.items():
        path = os.path.join(folder, variant, "val", NAMES[index])
        os.makedirs(path)
        for i, output in enumerate(of_class):
            Image.new("RGB", (8, 8), (10 * output + 5,) * 3).save(os.path.join(path, name(variant, index, i)), "PNG")


def released_name(variant, index, i):
    """Here as in the release: the foreground, then the background. The ending says JPEG; checkrob reads the content."""
    background = (i * 7 + len(variant) + (variant == "mixed_rand")) % COUNT
    return f"fg_n{index:08}_{i:05}_bg_n{background:08}_{i * 3:05}.JPEG"


def right(index, count):
    """`count` right answers (of both outputs of the class), then wrong ones: in turn of another class, and of none."""
    return [2 * index + i % 2 if i < count else (2 * index + 2) % 18 if i % 2 else 18 + index % 2 for i in range(COUNT)]


def run(command, folder, data, table, model="model.pt", preprocess="preprocess.json", out="logits", options=(), ok=True):
    """What run.sh prints, or how it fails."""
    return finish([os.path.join(HERE, "run.sh"), os.path.join(folder, model), os.path.join(folder, preprocess), data, table,
                   "--threads", "1", *options], ok, CHECKROB_COMMAND=command, CHECKROB_PYTHON=sys.executable,
                  CHECKROB_OUT=os.path.join(folder, out))


def finish(line, ok, **environment):
    done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, **environment})
    assert (done.returncode == 0) == ok, done.stderr
    return done.stdout if ok else done.stderr


def rows(text):
    return {cells[0]: cells[1:] for cells in ([c.strip() for c in line.strip("|").split("|")] for line in text.splitlines())}


def agresti_min(b, c, n):
    """As the article writes it: b and c are the discordant counts."""
    b, c, n = b + 0.5, c + 0.5, n + 2
    half = in9.Z * math.sqrt(b + c - (b - c) ** 2 / n) / n
    return (b - c) / n - half, (b - c) / n + half


def check_intervals():
    """The general formula is the textbooks' at both ends."""
    same, rand = np.arange(50) < 40, (np.arange(50) >= 5) & (np.arange(50) < 33)
    b, c = (same & ~rand).sum(), (~same & rand).sum()
    assert np.allclose(in9.interval(same, rand, same, rand), agresti_min(b, c, 50))
    none = np.zeros(0, bool)
    p, q = 41 / 52, 29 / 52
    half = in9.Z * math.sqrt((p * (1 - p) + q * (1 - q)) / 52)
    assert np.allclose(in9.interval(same, rand, none, none), (p - q - half, p - q + half))
    # With half of the pairs, between the two.
    width = lambda pairs: np.subtract(*in9.interval(same, rand, same[pairs], rand[pairs])[::-1])
    assert width(slice(0)) > width(slice(0, 50, 2)) > width(slice(50))
    assert np.allclose(in9.wilson(81, 263), (0.2553, 0.3662), atol=1e-4)  # Newcombe 1998, table I


def check_numbers(command, folder, data):
    """mixed_same: 9 of 10 right in each class; mixed_rand: 9 of class 0, 8 of class 1, ... 1 of class 8."""
    table = rows(run(command, folder, data, os.path.join(folder, "map.json")))
    assert "only_fg" not in table and "no_fg" not in table
    # original: all right but class 8, where all ten are outside the nine.
    assert table["original"][:2] == ["90", "88.9 %"] and table["original"][3:] == ["11.1 %", "0"], table["original"]
    assert table["mixed_same"][:2] == ["90", "90.0 %"] and table["mixed_rand"][:2] == ["90", "50.0 %"], table
    low, high = agresti_min(36, 0, 90)
    assert table["**all**"] == ["90.0 %", "50.0 %", "40.0 %", f"{100 * low:.1f} to {100 * high:.1f}", "90", "90"], table
    for index, name in enumerate(NAMES):
        low, high = agresti_min(index, 0, COUNT)
        assert table[name] == ["90.0 %", f"{90 - 10 * index}.0 %", f"{10 * index}.0 %",
                               f"{100 * low:.1f} to {100 * high:.1f}", "10", "10"], (name, table[name])


def check_unpaired(command, folder):
    """A network with nine outputs; names that share nothing; one broken image."""
    data = os.path.join(folder, "unpaired")
    name = lambda variant, index, i: f"{variant}_{i}.png"
    write(data, "mixed_same", {index: [index] * 10 for index in range(9)}, name)
    write(data, "mixed_rand", {index: [index] * 5 + [(index + 1) % 9] * 5 for index in range(9)}, name)
    with open(os.path.join(data, "mixed_rand", "val", NAMES[0], "mixed_rand_0.png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
    text = run(command, folder, data, "-", model="nine.pt", preprocess="cropping.json", out="nine",
               options=["--layer", "3"])
    table = rows(text)
    assert table["mixed_same"][1] == "100.0 %" and table["mixed_rand"][0] == "89" and table["mixed_rand"][4] == "1", table
    assert table[NAMES[0]][:3] == ["100.0 %", "44.4 %", "55.6 %"] and table[NAMES[0]][4:] == ["10 and 9", "0"], table[NAMES[0]]
    assert table[NAMES[1]][:3] == ["100.0 %", "50.0 %", "50.0 %"], table[NAMES[1]]
    assert "cuts the images' borders off" in text


def check_errors(folder, data):
    """From the logits that check_numbers left."""
    table = os.path.join(folder, "wrong.json")

    def message(content):
        with open(table, "w") as file:
            json.dump(content, file)
        return report(table)

    def report(table):
        return finish([sys.executable, os.path.join(HERE, "in9.py"), data, os.path.join(folder, "logits"), table, "paper",
                       "mixed_same", "mixed_rand"], False)

    assert "20 outputs, the map has 12 classes" in message({str(i): 0 for i in range(12)})
    assert "has to map each output" in message({str(i + 1): 0 for i in range(20)})
    assert "classes 0 to 8, or -1" in message({str(i): 9 for i in range(20)})
    assert "20 outputs, nine are needed without a map" in report("-")
    os.mkdir(os.path.join(data, "mixed_same", "val", "09_more"))
    assert "has 10 class folders" in report(os.path.join(folder, "map.json"))
    assert "no folder mixed_same/val" in run("none", folder, os.path.join(data, "original"), table, ok=False)


def main(command):
    check_intervals()
    with tempfile.TemporaryDirectory() as folder:
        network(OUTPUTS).save(os.path.join(folder, "model.pt"))
        network(9).save(os.path.join(folder, "nine.pt"))
        plain = {"resize": 8, "crop": 8, "filter": "bilinear", "mean": [0, 0, 0], "std": [1, 1, 1]}
        for name, content in (("map", MAP), ("preprocess", plain), ("cropping", {**plain, "resize": 10})):
            with open(os.path.join(folder, name + ".json"), "w") as file:
                json.dump(content, file)
        data = os.path.join(folder, "a copy")
        write(data, "original", {index: right(index, 10) if index < 8 else [18] * 10 for index in range(9)}, released_name)
        write(data, "mixed_same", {index: right(index, 9) for index in range(9)}, released_name)
        write(data, "mixed_rand", {index: right(index, 9 - index) for index in range(9)}, released_name)
        check_numbers(os.path.abspath(command), folder, data)
        check_unpaired(os.path.abspath(command), folder)
        check_errors(folder, data)
    print("imagenet9: the numbers are those that were planted")


main(*sys.argv[1:])
