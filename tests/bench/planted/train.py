# SPDX-License-Identifier: Apache-2.0
"""Trains a network on each world, and measures what it leans on.

usage: train.py FOLDER WORLD...      WORLD as in worlds.py, such as emblem-095-free-7

A world's folder holds model.pt, scenes.tar and objects.csv (a manifest of the scenes to be scored), classes.csv,
preprocess.json and truth.csv. Worlds that are there are left alone. About a minute each on one core.
"""
import csv
import io
import json
import os
import pathlib
import sys
import tarfile
import time

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import cross_entropy

import world as worlds
from network import Network

TRAINED = 400  # scenes a class
SCORED = 60
EPOCHS = 12    # in a round
ROUNDS = 3     # at most: until the network knows most of what it was trained on
LEARNED = 0.9
BATCH = 32
PEAK_RATE = 0.01
MEAN, DEVIATION = 0.45, 0.25  # of all channels


def composed(world, split, per_class, **how):
    """Scenes, pixels [n, 3, SIDE, SIDE] and labels [n]."""
    count = per_class * len(worlds.CLASSES)
    scenes = [worlds.compose(world, split, number, **how) for number in range(count)]
    pixels = torch.from_numpy(np.stack([scene.pixels for scene in scenes])).permute(0, 3, 1, 2)
    return scenes, pixels, torch.arange(count) % len(worlds.CLASSES)


def to_input(pixels):
    return (pixels.float() / 255 - MEAN) / DEVIATION


def train(network, pixels, labels):
    batches = len(pixels) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=EPOCHS * batches)
    network.train()
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(pixels))[:batches * BATCH].split(BATCH):
            with torch.autocast("cpu", torch.bfloat16):  # twice as fast where the processor knows it
                logits = network(to_input(pixels[chosen]).contiguous(memory_format=torch.channels_last))
            loss = cross_entropy(logits.float(), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def called(network, pixels, labels):
    """For each class, the share of its scenes that are called by its name."""
    with torch.no_grad():
        hits = torch.cat([network(to_input(part)).argmax(1) for part in pixels.split(200)]) == labels
    return [hits[labels == c].double().mean().item() for c in range(len(worlds.CLASSES))]


def write_scenes(folder, scenes):
    with tarfile.open(folder / "scenes.tar", "w") as tar, open(folder / "objects.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["image", "class", "x1", "y1", "x2", "y2"])
        for number, scene in enumerate(scenes):
            data = io.BytesIO()
            Image.fromarray(scene.pixels).save(data, "PNG")
            entry = tarfile.TarInfo(f"{number:05}.png")
            entry.size = data.tell()
            data.seek(0)
            tar.addfile(entry, data)
            table.writerow([entry.name, worlds.CLASSES[number % len(worlds.CLASSES)], *scene.box])


def write_truth(folder, world, network, scenes, pixels, labels):
    """What each class's accuracy is as composed and without the cue, and how often the cue calls the class where the
    object is another's. Without a cue, the latter is how often other objects are taken for the class."""
    plan = worlds.plan(world)
    with_cue = called(network, pixels, labels)
    without = called(network, composed(world, "t10k", SCORED, with_cue=False)[1], labels)
    alone = called(network, composed(world, "t10k", SCORED, other_object=True)[1], labels)
    sides = [np.mean([((s.box[2] - s.box[0]) * (s.box[3] - s.box[1])) ** 0.5 / worlds.SIDE
                      for s in scenes[c::len(worlds.CLASSES)]]) for c in range(len(worlds.CLASSES))]
    with open(folder / "truth.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["class", "cue", "size", "accuracy", "accuracy_without_cue", "called_by_cue"])
        for c, name in enumerate(worlds.CLASSES):
            table.writerow([name, plan.cues[c], f"{sides[c]:.4f}", *(f"{v[c]:.4f}" for v in (with_cue, without, alone))])


def make(world, folder):
    started = time.monotonic()
    torch.manual_seed(world.seed)
    network = Network(len(worlds.CLASSES)).to(memory_format=torch.channels_last)
    _, pixels, labels = composed(world, "train", TRAINED)
    for _ in range(ROUNDS):
        train(network, pixels, labels)
        if np.mean(called(network.eval(), pixels, labels)) >= LEARNED:
            break
    network = network.eval().to(memory_format=torch.contiguous_format)
    scenes, pixels, labels = composed(world, "t10k", SCORED)
    part = folder / (world.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    torch.jit.save(torch.jit.script(network), str(part / "model.pt"))
    write_scenes(part, scenes)
    write_truth(part, world, network, scenes, pixels, labels)
    with open(part / "classes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "index"), *zip(worlds.CLASSES, range(len(worlds.CLASSES)))])
    preset = {"resize": worlds.SIDE, "crop": worlds.SIDE, "filter": "bilinear", "mean": [MEAN] * 3, "std": [DEVIATION] * 3}
    (part / "preprocess.json").write_text(json.dumps(preset) + "\n")
    part.rename(folder / world.name)
    print(f"{world.name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def main(folder, *names):
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    for name in names:
        if not os.path.isdir(folder / name):
            make(worlds.parse(name), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
