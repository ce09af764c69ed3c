# SPDX-License-Identifier: Apache-2.0
"""Ranks a pool of new scenes in each world, and reports what the images have that are taken for a spurious class.

usage: pool.py COMMAND FOLDER SET...     FOLDER as for run.sh, SET as in worlds.py

A pool has scenes of the world that neither training nor scoring has seen: as many as composed, where 2 % of those of
unplanted classes show some cue, as scenes that show a planted class's cue with another class's object. They are
annotated. The question: of the ten surest images that are taken for a spurious class without showing it, how many show
the class's cue? Nothing but the order of `checkrob export --as pool.csv` decides. Prints tables in Markdown.
"""
import csv
import io
import os
import subprocess
import sys
import tarfile

from PIL import Image

import world as planted
from report import CALL, FALL, rows
from worlds import SETS

FIRST = 100000  # the number of the first scene
EACH = 2400     # scenes of each kind
MOST = 10
TARGET = 0.8


def scenes_of(world):
    """(name, scene)"""
    for number in range(FIRST, FIRST + EACH):
        yield f"plain-{number}.png", planted.compose(world, "t10k", number)
    for number in range(FIRST + EACH, FIRST + 3 * EACH):
        if planted.plan(world).cues[number % len(planted.CLASSES)] >= 0:
            yield f"other-{number}.png", planted.compose(world, "t10k", number, other_object=True)


def write_pool(place, world):
    """{name: scene}"""
    pool = dict(scenes_of(world))
    with tarfile.open(os.path.join(place, "pool.tar"), "w") as tar, \
            open(os.path.join(place, "pool_objects.csv"), "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["image", "class", "x1", "y1", "x2", "y2"])
        for name, scene in pool.items():
            data = io.BytesIO()
            Image.fromarray(scene.pixels).save(data, "PNG")
            entry = tarfile.TarInfo(name)
            entry.size = data.tell()
            data.seek(0)
            tar.addfile(entry, data)
            table.writerow([name, planted.CLASSES[scene.shape], *scene.box])
    return pool


def rank(command, place):
    """Rows of pool.csv, in its order."""
    inside = lambda file: os.path.join(place, file)
    subprocess.run([command, "score", "--model", inside("model.pt"), "--preprocess", inside("preprocess.json"),
                    "--dataset", "manifest", "--images", inside("scenes.tar"), "--annotations", inside("objects.csv"),
                    "--classes", inside("classes.csv"), "--out", inside("ranked"), "--threads", "1", "--features",
                    "--attack-images", inside("pool.tar"), "--attack-dataset", "manifest",
                    "--attack-annotations", inside("pool_objects.csv")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([command, "export", inside("ranked"), "--as", "pool.csv", "--out", inside("pool.csv")], check=True)
    return rows(inside("pool.csv"))


def is_spurious(truth):
    return int(truth["cue"]) >= 0 and (float(truth["accuracy"]) - float(truth["accuracy_without_cue"]) > FALL or
                                       float(truth["called_by_cue"]) > CALL)


def surest(images):
    return sorted(images, key=lambda row: -float(row["probability"]))[:MOST]


def share(images, pool, cue):
    return sum(pool[row["image"]].cue == cue for row in images), len(images)


# What is counted among the images that are taken for the class and do not show it.
CHOICES = [("taken for the class", lambda row: True),
           ("with a spurious feature", lambda row: row["feature"]),
           ("that stop without it", lambda row: row["feature"] and int(row["rank_without"] or 1) > 1)]


def main(command, folder, *sets):
    sums = {name: [0, 0] for name, _ in CHOICES}
    print("| world | class | called by its cue | " +
          " | ".join("%s: all, with the cue | the %d surest" % (name, MOST) for name, _ in CHOICES) +
          " |\n|---|---|---|" + "---|---|" * len(CHOICES))
    for name in [name for set_ in sets for name in SETS[set_]]:
        world, place = planted.parse(name), os.path.join(folder, name)
        pool = write_pool(place, world)
        ranked = rank(command, place)
        for truth in rows(os.path.join(place, "truth.csv")):
            if not is_spurious(truth):
                continue
            cells, cue = [], int(truth["cue"])
            images = [row for row in ranked if row["class"] == truth["class"] and row["shows"] == "0"]
            for choice, is_chosen in CHOICES:
                chosen = [row for row in images if is_chosen(row)]
                found, count = share(surest(chosen), pool, cue)
                sums[choice][0] += found
                sums[choice][1] += count
                cells += ["%d, %d" % (len(chosen), share(chosen, pool, cue)[0]), "%d of %d" % (found, count)]
            print("| %s | %s | %s | %s |" % (name, truth["class"], truth["called_by_cue"], " | ".join(cells)))
    print()
    for choice, (found, count) in sums.items():
        print("%s: %d of %d of the surest show the class's cue (%.0f %%; target %.0f %%)" %
              (choice, found, count, 100 * found / max(count, 1), 100 * TARGET))


if __name__ == "__main__":
    main(*sys.argv[1:])
