#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A validation set at real size: memory, kill -9, damaged files, shards.

usage: survive.py CHECKROB FOLDER [IMAGES [CLASSES]]     (default: 50000 images in 1000 folders)

Makes small JPEGs in ImageNet-named folders with XML boxes, of which one in a hundred is damaged in one of ten ways,
and a tiny network. Then: a run from start to end, with its memory; a run that is killed ten times at random moments
and started again each time; four shards, merged; a strict run. All tables have to be the same. Needs torch, NumPy
and Pillow.
"""
import collections
import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from stored import stored_rows

KILLS = 10


def xml(name, box, width=48, height=48):
    corners = "".join("<%s>%d</%s>" % (tag, value, tag) for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), box))
    return ("<annotation><size><width>%d</width><height>%d</height></size><object><name>%s</name><bndbox>%s</bndbox>"
            "</object></annotation>" % (width, height, name, corners))


def cut(path, share):
    with open(path, "rb+") as file:
        file.truncate(int(os.path.getsize(path) * share))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


# Each way with the status that it must get.
DAMAGE = [
    ("bad_input", lambda image, annotation, name: cut(image, 0.6)),
    ("bad_input", lambda image, annotation, name: cut(image, 0)),
    ("unsupported", lambda image, annotation, name: write(image, "these are words")),
    ("not_found", lambda image, annotation, name: os.remove(annotation)),
    ("bad_input", lambda image, annotation, name: cut(annotation, 0.5)),
    ("bad_input", lambda image, annotation, name: write(annotation, xml(name, (30, 4, 10, 40)))),
    ("bad_input", lambda image, annotation, name: write(annotation, xml(name, (100, 100, 120, 130)))),
    ("no_object", lambda image, annotation, name: write(annotation, xml("something else", (4, 4, 40, 40)))),
    ("not_found", lambda image, annotation, name: os.remove(image)),
    ("bad_input", lambda image, annotation, name: write(annotation, "<notes/>")),
]


def make_data(folder, images, classes):
    rng, expected = random.Random(1), collections.Counter()
    noise = np.random.default_rng(1)
    write(folder + "/classes.csv", "name,index\n" + "".join("n%08d,%d\n" % (c, c) for c in range(classes)))
    for i in range(images):
        name = "n%08d" % (i % classes)
        image, annotation = ("%s/%s/%s/%s_%d%s" % (folder, kind, name, name, i, ending)
                             for kind, ending in (("images", ".JPEG"), ("annots", ".xml")))
        for path in (image, annotation):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        pixels = np.kron(noise.integers(0, 256, (6, 6, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
        Image.fromarray(pixels).save(image, quality=80)
        left, top = rng.randint(1, 24), rng.randint(1, 24)
        write(annotation, xml(name, (left, top, left + rng.randint(8, 23), top + rng.randint(8, 23))))
        if i % 100 == 50:
            status, damage = DAMAGE[i // 100 % len(DAMAGE)]
            damage(image, annotation, name)
            expected[status] += 1
    return expected


def make_model(path, classes):
    import torch
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 16, 3, 2, 1), torch.nn.ReLU(),
              torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(16, classes)]
    torch.jit.script(torch.nn.Sequential(*layers).eval()).save(path)


def command(checkrob, folder, out, *more):
    return [checkrob, "score", "--model", folder + "/model.pt", "--preprocess", folder + "/preprocess.json", "--dataset",
            "imagenet", "--images", folder + "/images", "--annotations", folder + "/annots", "--classes",
            folder + "/classes.csv", "--out", out, "--layer", "2"] + list(more)


def rows_written(out):
    return stored_rows(out + "/results.sqlite")


def memory(process):
    with open("/proc/%d/status" % process.pid) as file:
        found = [line for line in file if line.startswith("VmRSS")]
    return int(found[0].split()[1]) if found else 0


def start(arguments):
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_through(arguments, out, early):
    """Seconds, and resident KiB once `early` samples are written and at the end."""
    begun, process, first, last = time.time(), start(arguments), None, 0
    while process.poll() is None:
        kilobytes = memory(process)
        if kilobytes:
            if first is None and rows_written(out) >= early:
                first = kilobytes
            last = kilobytes
        time.sleep(0.05)
    assert process.returncode == 0, "exit code %d" % process.returncode
    return time.time() - begun, first, last


def run_with_kills(arguments, out, samples, seconds):
    rng, written = random.Random(2), [0]
    for kill in range(KILLS):
        process = start(arguments)
        target = samples * (kill + 1) // (KILLS + 1)
        while process.poll() is None and rows_written(out) < target:
            time.sleep(0.01)
        time.sleep(rng.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        written.append(rows_written(out))
        assert written[-1] >= written[-2], "rows were lost: %s" % written
    assert start(arguments).wait() == 0
    return written[1:]


def tables(out):
    with open(out + "/images.csv") as images, open(out + "/classes.csv") as classes:
        return images.read(), classes.read()


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def same_reason(one, other):
    """The same words, and numbers that differ by one unit of the last digit that is printed."""
    pairs = list(zip(NUMBER.findall(one), NUMBER.findall(other)))
    return NUMBER.sub("#", one) == NUMBER.sub("#", other) and all(
        abs(float(a) - float(b)) <= 1.01 * 10.0 ** -len(a.partition(".")[2]) for a, b in pairs)


# They order pixels: where two have almost the same value, rounding may exchange them. The worst seen is one pixel of an
# IoU of 85.
OF_ORDER = ("iou", "auc", "rank_accuracy", "top_k_intersection", "pointing_game", "attribution_localisation")


def close(name, one, other):
    """Equal, or different by rounding alone."""
    if name in OF_ORDER and one and other:
        return abs(float(one) - float(other)) <= 0.02
    if one == other or name == "reason":
        return one == other or same_reason(one, other)
    try:
        return abs(float(one) - float(other)) <= 1e-4 * max(1.0, abs(float(one)))
    except ValueError:
        return False


def assert_close(one, other, table):
    """A shard's batches hold other images together, and libtorch's sums round accordingly: logits, and what their
    gradients weigh."""
    with open(one + "/" + table) as first, open(other + "/" + table) as second:
        rows, others = list(csv.DictReader(first)), list(csv.DictReader(second))
    assert len(rows) == len(others), "the merged shards' %s has other rows" % table
    for row, other in zip(rows, others):
        different = [name for name in row if not close(name, row[name], other[name])]
        assert not different, "the merged shards' %s differs in %s: %s, %s" % (table, different, row, other)


def check_statuses(out, expected):
    with open(out + "/images.csv") as file:
        failed = [row for row in csv.DictReader(file) if row["status"] not in ("ok", "empty_map")]
    found = collections.Counter(row["status"] for row in failed)
    assert found == expected, "%s, not %s" % (found, expected)
    assert all(len(row["message"]) > 20 for row in failed), "a failure without a sentence"
    return found


def main(checkrob, folder, images=50000, classes=1000):
    images, classes = int(images), int(classes)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    expected = make_data(folder, images, classes)
    make_model(folder + "/model.pt", classes)
    write(folder + "/preprocess.json", '{"resize": 32, "crop": 32}')

    whole, killed = folder + "/whole", folder + "/killed"
    seconds, early, late = run_through(command(checkrob, folder, whole), whole, 1000)
    found = check_statuses(whole, expected)
    samples = rows_written(whole)
    print("whole: %d samples in %.0f s (%.0f a second); failed: %s" % (samples, seconds, samples / seconds, dict(found)))
    if early and images >= 20000:  # in fewer, what the first batches settle is more than what a leak could add
        print("memory: %.1f MiB after 1000 samples, %.1f at the end (%+.1f %%)"
              % (early / 1024, late / 1024, 100 * (late / early - 1)))
        assert late <= 1.02 * early, "the memory grows"

    written = run_with_kills(command(checkrob, folder, killed), killed, samples, seconds)
    assert tables(killed) == tables(whole), "the killed run's tables differ"
    print("killed after %s rows, and gone on with: the same tables" % ", ".join(map(str, written)))

    shards = ["%s/shard%d" % (folder, i) for i in range(1, 5)]
    for i, out in enumerate(shards, 1):
        assert start(command(checkrob, folder, out, "--shard", "%d/4" % i)).wait() == 0
    merged = folder + "/merged"
    os.makedirs(merged)
    subprocess.run([checkrob, "merge", "--out", merged + "/results.sqlite"] + [out + "/results.sqlite" for out in shards],
                   check=True, stdout=subprocess.DEVNULL)
    for table in ("images.csv", "classes.csv"):
        subprocess.run([checkrob, "export", merged + "/results.sqlite", "--as", table, "--out", merged + "/" + table],
                       check=True)
    for table in ("images.csv", "classes.csv"):
        assert_close(merged, whole, table)
    print("four shards, merged: the same tables but for rounding")

    strict = subprocess.run(command(checkrob, folder, folder + "/strict", "--strict"), stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)
    assert strict.returncode == 1 and "--strict: " in strict.stderr, strict.stderr
    assert rows_written(folder + "/strict") < samples
    print("strict: %s" % strict.stderr.strip().splitlines()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
