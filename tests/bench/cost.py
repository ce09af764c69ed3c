#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an image costs: seconds of a core, and bytes of the results file, with and without probes.

usage: cost.py CHECKROB MODEL IMAGES ANNOTATIONS CLASSES FOLDER [OPTION OF SCORE]...

MODEL: an archive with ImageNet's preprocessing, or resnet50: a ResNet-50 with random weights, which costs what a
trained one does. Scores with one thread. What a run costs before the first image is measured with one image, and
subtracted; docs/scaling.md has the numbers.
"""

import os
import shutil
import sqlite3
import subprocess
import sys

WAYS = {"saliency": [], "--probe verdict": ["--probe", "verdict"]}


def make_resnet50(path):
    import torch
    from torch import nn

    def convolution(wide, out, side, stride=1):
        return [nn.Conv2d(wide, out, side, stride, side // 2, bias=False), nn.BatchNorm2d(out)]

    class Block(nn.Module):
        def __init__(self, wide, inner, stride):
            super().__init__()
            self.long = nn.Sequential(
                *convolution(wide, inner, 1),
                nn.ReLU(),
                *convolution(inner, inner, 3, stride),
                nn.ReLU(),
                *convolution(inner, 4 * inner, 1),
            )
            self.short = (
                nn.Sequential() if wide == 4 * inner else nn.Sequential(*convolution(wide, 4 * inner, 1, stride))
            )

        def forward(self, x):
            return torch.relu(self.long(x) + self.short(x))

    torch.manual_seed(0)
    layers, wide = [*convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            layers.append(Block(wide, 64 << stage, 2 if block == 0 and stage > 0 else 1))
            wide = 256 << stage
    network = nn.Sequential(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, 1000))
    torch.jit.script(network.eval()).save(path)


def run(command):
    """Seconds of a core."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status in (0, 3 << 8), f"exit status {status}: {' '.join(command)}"
    return usage.ru_utime + usage.ru_stime


def evaluated(results):
    with sqlite3.connect(results) as store:
        return store.execute("SELECT count(*) FROM sample WHERE status IN ('ok', 'empty_map')").fetchone()[0]


def measure(checkrob, model, data, out, options):
    images, annotations, classes = data
    command = [
        checkrob,
        "score",
        "--model",
        model,
        "--dataset",
        "voc",
        "--images",
        images,
        "--annotations",
        annotations,
        "--classes",
        classes,
        "--threads",
        "1",
        "--restart",
        "--out",
        out,
        *options,
    ]
    before = run([*command, "--limit", "1"])
    first = os.path.getsize(f"{out}/results.sqlite")
    seconds = run(command)
    count = evaluated(f"{out}/results.sqlite")
    return (
        before,
        (seconds - before) / (count - 1),
        (os.path.getsize(f"{out}/results.sqlite") - first) / (count - 1),
        count,
    )


def main(checkrob, model, images, annotations, classes, folder, *options):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if model == "resnet50":
        model = f"{folder}/resnet50.pt"
        make_resnet50(model)
    for name, way in WAYS.items():
        data = (images, annotations, classes)
        before, seconds, size, count = measure(checkrob, model, data, f"{folder}/out", [*way, *options])
        print(
            f"{name:16} {before:5.2f} s before the first image, then {1000 * seconds:6.1f} ms of a core an image:"
            f" {1 / seconds:5.1f} images a second and core; {size:.0f} bytes a row ({count} images)",
            flush=True,
        )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
