# SPDX-License-Identifier: Apache-2.0
"""Photos with boxes, read from git repositories at fixed commits (fetched by fetch.sh).

Two sets. `mix`: full-size photos of 20 classes, cropped so that there is context around the object. `tiny`:
Tiny-ImageNet-200, 64 x 64 pixels.

CHECKROB_PHOTOS is the folder of the repositories, each as OWNER+NAME/repo; default: build/photos/sources.
"""
import collections
import functools
import io
import json
import os
import pathlib
import random
import subprocess

import numpy as np
from PIL import Image

ROOT = pathlib.Path(os.environ.get("CHECKROB_PHOTOS") or pathlib.Path(__file__).parents[3] / "build/photos/sources")

# Where the classes of `mix` come from: (repository, commit).
POSE = ("mateusrafael4/Atividade_programacao_pose_estimation", "dab5c74036184926803e5edcf2082b71e0c85c86")
SHAPE = ("bearpaw/sysu-shape-dataset", "f2a453474b2711485e2c1bb14eb989bc4133d9e1")
ANIMALS = ("jaimearroyo7/Animal_Recognition", "2549d3477280cd6414527142b7e3ee78b5c4a374")
THINGS = ("lopezm94/Simple-Image-Classifier", "c1f14b555fa801247d7ef797b04eb776bc7033c9")
TINY = ("seshuad/IMagenet", "153dbc161ab7942a12c99515e80ef6454dd06693")

MIX = {
    "tuning": {"cat": POSE, "cow": POSE, "airplane": SHAPE, "bicycle": SHAPE, "kangaroo": ANIMALS, "crab": ANIMALS,
               "elephant": ANIMALS, "flamingo": ANIMALS, "bonsai": THINGS, "car_side": THINGS},
    "held-out": {"dog": POSE, "horse": POSE, "sheep": POSE, "motorbike": SHAPE, "boat": SHAPE, "car": SHAPE,
                 "crayfish": ANIMALS, "emu": ANIMALS, "dolphin": ANIMALS, "butterfly": THINGS},
}
SMALLEST, LARGEST = 0.04, 0.5  # share of the picture that the box may cover


class Repository:
    """Reads blobs at a commit through one `git cat-file --batch`."""

    def __init__(self, repository):
        self.name, self.commit = repository
        base = ROOT / self.name.replace("/", "+") / "repo"
        self.git = ["git", "-c", "safe.directory=*", "-C", str(base)]
        self.reader = subprocess.Popen(self.git + ["cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, path):
        self.reader.stdin.write(f"{self.commit}:{path}\n".encode())
        self.reader.stdin.flush()
        head = self.reader.stdout.readline().split()
        if len(head) != 3:
            raise FileNotFoundError(f"{self.name}: {path}")
        data = self.reader.stdout.read(int(head[2]))
        self.reader.stdout.read(1)
        return data

    def paths(self, under):
        done = subprocess.run(self.git + ["ls-tree", "-r", "--name-only", self.commit, under], check=True,
                              capture_output=True, text=True)
        return done.stdout.splitlines()


@functools.lru_cache(None)
def repository(which):
    return Repository(which)


def matlab(data):
    from scipy.io import loadmat
    return loadmat(io.BytesIO(data))


@functools.lru_cache(None)
def pose_photos():
    """{class: [(path, box)]} of the photos with one annotated animal."""
    table = json.loads(repository(POSE).read("keypoints.json"))
    names = {c["id"]: c["name"] for c in table["categories"]}
    by_image = collections.defaultdict(list)
    for a in table["annotations"]:
        by_image[str(a["image_id"])].append(a)
    found = collections.defaultdict(list)
    for image, animals in sorted(by_image.items()):
        if len(animals) == 1:
            found[names[animals[0]["category_id"]]].append(("images/" + table["images"][image], tuple(animals[0]["bbox"])))
    return found


def boxed(name, source):
    """[(path, box or None)]: None: in a file of its own."""
    if source == POSE:
        return pose_photos()[name]
    folder = {SHAPE: f"{name}/images/", ANIMALS: f"imatges_animals/{name}/", THINGS: f"PrCategories_imatges/{name}/"}[source]
    return [(path, None) for path in repository(source).paths(folder) if path.endswith(".jpg")]


def box_of(source, path):
    if source == SHAPE:
        objects = matlab(repository(source).read(path.replace("/images/", "/annotations/").replace(".jpg", ".mat")))
        objects = objects["object"].ravel()
        if len(objects) != 1:
            return None
        y0, y1, x0, x1 = np.asarray(objects[0]["box_coord"]).ravel()
    else:
        data = repository(source).read(path.replace("image_", "annotation_").replace(".jpg", ".mat"))
        y0, y1, x0, x1 = matlab(data)["box_coord"][0]
    return float(x0), float(y0), float(x1), float(y1)


def window(image, box, side, chance):
    """The object with context, [side, side, 3], and its box there. Where the photo ends, its rim goes on."""
    x0, y0, x1, y1 = box
    wide = max(x1 - x0, y1 - y0) / chance.uniform(0.4, 0.75)
    wide = min(wide, 1.1 * max(image.size))
    left = chance.uniform(x1 - 0.95 * wide, x0 - 0.05 * wide)
    top = chance.uniform(y1 - 0.95 * wide, y0 - 0.05 * wide)
    # Rather inside the photo than beyond it.
    left = min(max(left, 0), image.size[0] - wide) if wide <= image.size[0] else (image.size[0] - wide) / 2
    top = min(max(top, 0), image.size[1] - wide) if wide <= image.size[1] else (image.size[1] - wide) / 2
    rim = int(wide) + 1
    pixels = np.asarray(image)
    rows = np.clip(np.arange(int(top), int(top) + rim), 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(int(left), int(left) + rim), 0, pixels.shape[1] - 1)
    part = Image.fromarray(pixels[rows][:, columns]).resize((side, side), Image.BICUBIC)
    scale = side / rim
    box = np.array([(x0 - int(left)) * scale, (y0 - int(top)) * scale, (x1 - int(left)) * scale, (y1 - int(top)) * scale])
    return np.asarray(part), box.round().clip(0, side).astype(int)


def usable(box, side):
    x0, y0, x1, y1 = box
    return (SMALLEST <= (x1 - x0) * (y1 - y0) / side ** 2 <= LARGEST and x1 - x0 < 0.85 * side and y1 - y0 < 0.85 * side
            and y1 < 0.97 * side)


def mix(name, source, side, count, seed):
    chance = random.Random(f"{name} {seed}")
    photos = boxed(name, source)
    chance.shuffle(photos)
    found = []
    for path, box in photos:
        box = box or box_of(source, path)
        if box is None or box[2] - box[0] < 30 or box[3] - box[1] < 30:
            continue
        image = Image.open(io.BytesIO(repository(source).read(path))).convert("RGB")
        pixels, box = window(image, box, side, chance)
        if usable(box, side):
            found.append((pixels, box))
        if len(found) == count:
            break
    return found


@functools.lru_cache(None)
def tiny_classes():
    return sorted(repository(TINY).read("tiny-imagenet-200/wnids.txt").decode().split())


def tiny(name, side, count, seed):
    chance = random.Random(f"{name} {seed}")
    folder = f"tiny-imagenet-200/train/{name}"
    rows = [line.split("\t") for line in repository(TINY).read(f"{folder}/{name}_boxes.txt").decode().splitlines()]
    chance.shuffle(rows)
    found = []
    for file, *box in rows:
        x0, y0, x1, y1 = (int(v) * side / 64 for v in box)
        box = np.array([x0, y0, x1 + side / 64, y1 + side / 64]).round().clip(0, side).astype(int)
        if usable(box, side):
            image = Image.open(io.BytesIO(repository(TINY).read(f"{folder}/images/{file}"))).convert("RGB")
            found.append((np.asarray(image.resize((side, side), Image.BICUBIC)), box))
        if len(found) == count:
            break
    return found


def photos(name, part, side, count, seed):
    """At most `count` of [(pixels [side, side, 3], box [x0, y0, x1, y1])], in an order drawn by the seed."""
    return mix(name, MIX[part][name], side, count, seed) if name in MIX[part] else tiny(name, side, count, seed)
