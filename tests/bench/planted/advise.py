# SPDX-License-Identifier: Apache-2.0
"""Follows the advice of `checkrob advise` in worlds of train.py, trains anew, and says what it was worth.

usage: advise.py COMMAND FOLDER WORLD...     what is there already is not made again
       advise.py report FOLDER WORLD...

The command looks at the first 200 training scenes of each class, with the network that was trained on 400. For each
class whose best advice helps, as a fitted last layer says, scenes are added: of the class without its cue
("elsewhere"), or of other objects with its cue ("others"), in the advised number. Then a network is trained anew on
the 400 scenes and these. Beside it one is trained on as many more scenes of the same classes, composed as all
others: what more data alone are worth. advised.csv in the world's folder has what all three do with the cue, without
it, and with another object and the cue.
"""
import csv
import pathlib
import subprocess
import sys

import numpy as np
import torch

import train as training
import world as worlds
from network import Network

LOOKED_AT = 200
RANKS = ["helps", "costs accuracy", "no gain shown", "not enough data to say"]
FIELDS = ["accuracy", "accuracy_without_cue", "called_by_cue"]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def score(command, world, folder):
    """The advice, as rows."""
    out = folder / "advice"
    if not (out / "advice.csv").exists():
        part = folder / "looked-at"
        part.mkdir(exist_ok=True)
        count = LOOKED_AT * len(worlds.CLASSES)
        training.write_scenes(part, [worlds.compose(world, "train", number) for number in range(count)])
        subprocess.run([command, "score", "--model", folder / "model.pt", "--preprocess", folder / "preprocess.json",
                        "--dataset", "manifest", "--images", part / "scenes.tar", "--annotations", part / "objects.csv",
                        "--classes", folder / "classes.csv", "--probe", "verdict", "--cues", "--advice", "--threads", "1",
                        "--out", out], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([command, "export", out, "--as", "advice.csv", "--out", out / "advice.csv"], check=True)
    return rows(out / "advice.csv")


def number(text):
    return float(text) if text else 0.0


def gain(row):
    return number(row["found_with"]) - number(row["found"]) + number(row["fooled"]) - number(row["fooled_with"])


def best(advice):
    """For each class the row that `checkrob advise` prints."""
    chosen = {}
    for row in advice:
        if row["kind"] == "more":
            continue
        rank = (RANKS.index(row["outcome"]), -gain(row))
        if row["class"] not in chosen or rank < chosen[row["class"]][0]:
            chosen[row["class"]] = (rank, row)
    return {name: row for name, (_, row) in chosen.items()}


def scenes_of(world, label, count, start, **how):
    """Scenes that no other set has: numbers above all others, each of the label."""
    classes = len(worlds.CLASSES)
    return [worlds.compose(world, "train", (start + i) * classes + label, **how) for i in range(count)]


def added(world, advice, follow):
    """Pixels and labels of what is added: as advised, or the same number of scenes as all others."""
    scenes, labels = [], []
    for name, row in advice.items():
        label, count = worlds.CLASSES.index(name), round(float(row["share"]) * training.TRAINED)
        how = {} if not follow else {"with_cue": False} if row["kind"] == "elsewhere" else {"other_object": True}
        fresh = scenes_of(world, label, count, 10 * training.TRAINED, **how)
        scenes += fresh
        labels += [scene.shape for scene in fresh]
    return torch.from_numpy(np.stack([s.pixels for s in scenes])).permute(0, 3, 1, 2), torch.tensor(labels)


def train_anew(world, pixels, labels):
    torch.manual_seed(world.seed)
    network = Network(len(worlds.CLASSES)).to(memory_format=torch.channels_last)
    for _ in range(training.ROUNDS):
        training.train(network, pixels, labels)
        if np.mean(training.called(network.eval(), pixels, labels)) >= training.LEARNED:
            break
    return network.eval()


def measure(world, network):
    """FIELDS of each class."""
    sets = [training.composed(world, "t10k", training.SCORED, **how)[1:]
            for how in ({}, {"with_cue": False}, {"other_object": True})]
    return list(zip(*(training.called(network, *s) for s in sets)))


def make(command, world, folder):
    advice = {name: row for name, row in best(score(command, world, folder)).items()
              if row["outcome"] == "helps" and row["kind"] in ("elsewhere", "others")}
    _, pixels, labels = training.composed(world, "train", training.TRAINED)
    found = {"before": [[float(r[f]) for f in FIELDS] for r in rows(folder / "truth.csv")]}
    for name, follow in (("advised", True), ("more", False)):
        more = added(world, advice, follow) if advice else (pixels[:0], labels[:0])
        found[name] = measure(world, train_anew(world, torch.cat([pixels, more[0]]), torch.cat([labels, more[1]])))
    with open(folder / "advised.part", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["class", "kind", "share", "gain"] + [f"{name}_{f}" for name in found for f in FIELDS])
        for c, name in enumerate(worlds.CLASSES):
            row = advice.get(name)
            table.writerow([name] + ([row["kind"], row["share"], f"{gain(row):.4f}"] if row else ["", "", ""]) +
                           [f"{value:.4f}" for values in found.values() for value in values[c]])
    (folder / "advised.part").rename(folder / "advised.csv")


def fall(row, name):
    return float(row[name + "_accuracy"]) - float(row[name + "_accuracy_without_cue"])


def is_spurious(row, planted):
    return planted and (fall(row, "before") > 0.25 or float(row["before_called_by_cue"]) > 0.5)


def report(folder, names):
    groups = {}
    for name in names:
        planted = {r["class"]: r["cue"] != "-1" for r in rows(folder / name / "truth.csv")}
        for row in rows(folder / name / "advised.csv"):
            kind = "spurious" if is_spurious(row, planted[row["class"]]) else "planted" if planted[row["class"]] else "clean"
            groups.setdefault((kind, "advised" if row["kind"] else "not advised"), []).append(row)
    print("| classes | | fall without the cue: before | as many more images | advised | "
          "called by the cue: before | more | advised | accuracy: before | more | advised |")
    print("|" + "---|" * 11)
    for (kind, advised), found in sorted(groups.items()):
        cells = [np.mean([fall(r, n) for r in found]) for n in ("before", "more", "advised")]
        for field in ("called_by_cue", "accuracy"):
            cells += [np.mean([float(r[f"{n}_{field}"]) for r in found]) for n in ("before", "more", "advised")]
        print(f"| {kind}, {advised} | {len(found)} | " + " | ".join(f"{c:.2f}" for c in cells) + " |")
    followed = [r for rs in groups.values() for r in rs if r["kind"]]
    if len(followed) > 2:
        real = [fall(r, "before") - fall(r, "advised") + float(r["before_called_by_cue"]) - float(r["advised_called_by_cue"])
                for r in followed]
        predicted = [float(r["gain"]) for r in followed]
        order = lambda v: np.argsort(np.argsort(v))  # noqa: E731
        print(f"\nPredicted gain (mean {np.mean(predicted):.2f}) and real one (mean {np.mean(real):.2f}) of {len(followed)} "
              f"classes: rank correlation {np.corrcoef(order(predicted), order(real))[0, 1]:.2f}.")
        for way in ("elsewhere", "others"):
            print(f"{way}: {sum(r['kind'] == way for r in followed)} classes")


def main(command, folder, *names):
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    if command == "report":
        report(folder, names)
        return
    for name in names:
        if not (folder / name / "advised.csv").exists():
            make(command, worlds.parse(name), folder / name)


if __name__ == "__main__":
    main(*sys.argv[1:])
