# SPDX-License-Identifier: Apache-2.0
"""Scores the worlds with checkrob and reports how well each score finds the classes that are spurious by measurement.

usage: report.py COMMAND FOLDER SET...     SET as in worlds.py

Prints tables in Markdown. Nothing but Python's own library is needed.
"""
import csv
import math
import os
import subprocess
import sys

from worlds import SETS

# What counts as spurious: the accuracy falls by more than this when the cue is taken away ...
FALL = 0.25
# ... or the cue calls the class on more of the scenes that show another object.
CALL = 0.5

# How the maps are made, and what of each run is held against the truth.
RUNS = {"probed": ["--probe", "verdict"], "default": [], "plain": ["--score", "logit", "--reference", "none"]}
SCORES = [("probed", "suspicion"), ("plain", "crs"), ("plain", "ers"), ("plain", "lift"), ("default", "crs"), ("default", "ers"), ("default", "lift"),
          ("default", "contrast"), ("default", "robustness"), ("default", "pointing_game"), ("default", "rank_accuracy"),
          ("default", "top_k_intersection"), ("default", "auc"), ("default", "iou")]
HIGH = {"suspicion"}  # of these a high number is suspicious, of the others a low one
CONTROL = "none"


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


class World:
    def __init__(self, command, folder, name):
        self.name, self.kind = name, name.split("-")[0]
        self.strength, self.placing = name.split("-")[1:3]
        place = os.path.join(folder, name)
        self.truth = {row["class"]: row for row in rows(os.path.join(place, "truth.csv"))}
        self.classes = sorted(self.truth)
        self.runs = {run: score(command, place, run, options) for run, options in RUNS.items()}

    def number(self, name, key):
        return float(self.truth[name][key])

    def has_cue(self, name):
        return int(self.truth[name]["cue"]) >= 0

    def fall(self, name):
        return self.number(name, "accuracy") - self.number(name, "accuracy_without_cue")

    def needs(self, name):
        return self.has_cue(name) and self.fall(name) > FALL

    def is_spurious(self, name):
        """It uses its cue, needed or not."""
        return self.needs(name) or (self.has_cue(name) and self.number(name, "called_by_cue") > CALL)

    def dependence(self, name):
        """0: none of what is recognised is owed to the cue, 1: all, and the cue calls the class on any object."""
        call = self.number(name, "called_by_cue") if self.has_cue(name) else 0.0
        return (self.fall(name) / max(self.number(name, "accuracy"), 0.05) + call) / 2

    def score(self, run, column, name):
        """A class that has no score ranks behind all."""
        text = self.runs[run].get(name, {}).get(column, "")
        return (-float(text) if column in HIGH else float(text)) if text else 1e9


def score(command, place, run, options):
    """{class: row} of classes.csv"""
    out = os.path.join(place, run)
    inside = lambda file: os.path.join(place, file)
    subprocess.run([command, "score", "--model", inside("model.pt"), "--preprocess", inside("preprocess.json"),
                    "--dataset", "manifest", "--images", inside("scenes.tar"), "--annotations", inside("objects.csv"),
                    "--classes", inside("classes.csv"), "--out", out, "--restart", "--threads", "1", *options],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {row["class"]: row for row in rows(os.path.join(out, "classes.csv"))}


# ---- statistics ----

def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else math.nan


def auroc(low, high):
    """The probability that one of `low` is below one of `high`; equal ones count half."""
    return mean((a < b) + 0.5 * (a == b) for a in low for b in high)


def average_precision(pairs):
    """Of (score, is wanted), from the lowest score on; equal scores in the worst order."""
    found, sum_ = 0, 0.0
    for place, (_, wanted) in enumerate(sorted(pairs, key=lambda pair: (pair[0], pair[1])), 1):
        if wanted:
            found += 1
            sum_ += found / place
    return sum_ / found if found else math.nan


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    result, i = [0.0] * len(values), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            result[order[k]] = (i + j) / 2
        i = j + 1
    return result


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    ma, mb = mean(a), mean(b)
    over = math.sqrt(sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b))
    return sum((x - ma) * (y - mb) for x, y in zip(a, b)) / over if over else math.nan


# ---- tables ----

def ranked(worlds):
    """Worlds in which there is something to rank."""
    return [w for w in worlds if 0 < sum(map(w.is_spurious, w.classes)) < len(w.classes)]


def rank_auroc(worlds, run, column, cueless=False):
    """Mean over worlds: a ranking is one model's. cueless: planted classes that are not spurious, though their cue may
    well be looked at, are left out."""
    return mean(auroc([w.score(run, column, c) for c in w.classes if w.is_spurious(c)],
                      [w.score(run, column, c) for c in w.classes
                       if not (w.has_cue(c) if cueless else w.is_spurious(c))]) for w in ranked(worlds))


def needed_auroc(worlds, run, column):
    return mean(auroc([w.score(run, column, c) for c in w.classes if w.needs(c)],
                      [w.score(run, column, c) for c in w.classes if not w.needs(c)])
                for w in ranked(worlds) if any(map(w.needs, w.classes)))


def pooled_auroc(worlds, run, column):
    rows = [(w.score(run, column, c), w.is_spurious(c)) for w in worlds if w.kind != CONTROL for c in w.classes]
    return auroc([s for s, spurious in rows if spurious], [s for s, spurious in rows if not spurious])


def size_correlation(worlds, run, column):
    return mean(spearman([w.score(run, column, c) for c in w.classes], [w.number(c, "size") for c in w.classes])
                for w in worlds)


def print_scores(worlds):
    cued, controls = [w for w in worlds if w.kind != CONTROL], [w for w in worlds if w.kind == CONTROL]
    print("\n| score | AUROC: used | needed | used, against classes without a cue | average precision | AUROC, all worlds in one ranking | "
          "with the truth | with size | with size, controls |\n|---|---|---|---|---|---|---|---|---|")
    for run, column in SCORES:
        precision = mean(average_precision([(w.score(run, column, c), w.is_spurious(c)) for c in w.classes])
                         for w in ranked(cued))
        truth = mean(spearman([w.score(run, column, c) for c in w.classes], [-w.dependence(c) for c in w.classes])
                     for w in cued)
        print("| `%s`%s | %.3f | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f |" %
              (column, ", logit, no reference" if run == "plain" else "", rank_auroc(cued, run, column),
               needed_auroc(cued, run, column),
               rank_auroc(cued, run, column, cueless=True), precision,
               pooled_auroc(cued, run, column), truth, size_correlation(worlds, run, column),
               size_correlation(controls, run, column)))


def print_by(title, groups):
    print("\n| %s | worlds | spurious classes | `suspicion` | `crs`, logit, no reference | `crs` | `lift` | `contrast` | "
          "`robustness` |\n|---|---|---|---|---|---|---|---|---|" % title)
    for name, worlds in groups:
        print("| %s | %d | %d | %s |" % (name, len(worlds), sum(w.is_spurious(c) for w in worlds for c in w.classes),
                                         " | ".join("%.3f" % rank_auroc(worlds, run, column) for run, column in
                                                    (("probed", "suspicion"), ("plain", "crs"), ("default", "crs"), ("default", "lift"),
                                                     ("default", "contrast"), ("default", "robustness")))))


def group_of(world, name):
    return "control worlds" if world.kind == CONTROL else "spurious" if world.is_spurious(name) else \
        "planted, not spurious" if world.has_cue(name) else "unplanted, in worlds with cues"


def print_verdicts(worlds, run, names):
    """How the verdicts of the default rule fall."""
    groups = {"spurious": [], "planted, not spurious": [], "unplanted, in worlds with cues": [], "control worlds": []}
    for w in worlds:
        for c in w.classes:
            groups[group_of(w, c)].append(w.runs[run][c]["verdict"])
    print("\n| classes, %s | %s |\n|---%s|" % ("with probes" if run == "probed" else "without probes", " | ".join(names),
                                              "|---" * len(names)))
    for group, verdicts in groups.items():
        if verdicts:
            shares = ["%.1f %%" % (100 * mean(v == name for v in verdicts)) for name in names]
            print("| %s (%d) | %s |" % (group, len(verdicts), " | ".join(shares)))


def main(command, folder, *sets):
    for name in sets:
        worlds = [World(command, folder, world) for world in SETS[name]]
        cued = [w for w in worlds if w.kind != CONTROL]
        print("\n## %s: %d worlds with cues, %d without" % (name, len(cued), len(worlds) - len(cued)))
        print_scores(worlds)
        print_by("cue", [(kind, [w for w in cued if w.kind == kind]) for kind in sorted({w.kind for w in cued})])
        print_by("strength", [(s, [w for w in cued if w.strength == s]) for s in sorted({w.strength for w in cued})])
        print_by("placing", [(p, [w for w in cued if w.placing == p]) for p in sorted({w.placing for w in cued})])
        print_verdicts(worlds, "probed", ["non-robust", "doubtful", "no dependence found", "not enough data"])
        print_verdicts(worlds, "default", ["doubtful", "not suspicious", "not enough data"])


if __name__ == "__main__":
    main(*sys.argv[1:])
