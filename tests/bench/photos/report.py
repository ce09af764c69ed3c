# SPDX-License-Identifier: Apache-2.0
"""How well each score finds the classes that are spurious by measurement. Markdown.

usage: report.py FAMILY_FOLDER...

Where run.sh has scored a world with checkrob (FAMILY_FOLDER/checkrob-VARIANT), its numbers are held against the truth too.
"""
import csv
import pathlib
import sys

import numpy as np

import cues
import scores

FALL, CALL = 0.25, 0.5
COMMAND = {"CRS, the paper's": ("plain", "crs", -1), "CRS": ("default", "crs", -1), "lift": ("default", "lift", -1),
           "contrast": ("default", "contrast", -1), "robustness": ("default", "robustness", -1),
           "suspicion, the command's": ("probed", "suspicion", 1)}


class World(scores.Answers):
    def __init__(self, folder, variant):
        super().__init__(folder, variant)
        column = lambda name: np.array([row[name] for row in self.truth])
        self.kind, self.cue = column("cue"), column("cue") != ""
        self.fall = column("accuracy") - column("accuracy_without_cue")
        self.needed = self.cue & (self.fall > FALL)
        # A cue that k classes share calls them together; one of them is called when it gets its part.
        self.called = self.cue & (column("called_by_cue_any") > CALL) & (column("called_by_cue") > CALL / np.maximum(column("shared"), 1))
        self.used = self.needed | self.called
        self.scores = scores.scores(self)
        self.verdict = scores.verdicts(*scores.suspicion(self))
        for name, (run, key, sign) in COMMAND.items():
            path = self.folder / f"checkrob-{variant}" / run / "classes.csv"
            if path.exists():
                with open(path, newline="") as file:
                    rows = {row["class"]: row for row in csv.DictReader(file)}
                self.scores[name] = np.array([sign * float(rows.get(row["class"], {}).get(key) or "nan") for row in self.truth])
        # A class without a value ranks in the middle.
        self.scores = {k: np.where(np.isnan(v), np.nanmedian(v) if not np.isnan(v).all() else 0, v) for k, v in self.scores.items()}


def auroc(high, low):
    if not len(high) or not len(low):
        return np.nan
    return float(np.mean((high[:, None] > low) + 0.5 * (high[:, None] == low)))


def ranks(values):
    order = np.argsort(values, kind="stable")
    found = np.empty(len(values))
    found[order] = np.arange(len(values))
    for v in np.unique(values):
        found[values == v] = found[values == v].mean()
    return found


def spearman(a, b):
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1]) if np.std(a) and np.std(b) else 0.0


def mean(values):
    values = [v for v in values if not np.isnan(v)]
    return sum(values) / len(values) if values else np.nan


def text(values):
    return " | ".join("" if np.isnan(v) else f"{v:.2f}" for v in values)


def print_scores(worlds, controls):
    if not worlds:
        return
    cued = [w for w in worlds if w.used.any()]
    print("\n| score | needed | needed against not used | used | used against unplanted | " + " | ".join(cues.KINDS) +
          " | with size, all | with size, controls | with accuracy, controls |\n|---" + "|---" * (7 + len(cues.KINDS)) + "|")
    for name in worlds[0].scores:
        some = [w for w in cued if name in w.scores]
        s = lambda w: w.scores[name]
        row = [mean(auroc(s(w)[w.needed], s(w)[~w.needed]) for w in some),
               mean(auroc(s(w)[w.needed], s(w)[~w.used]) for w in some), mean(auroc(s(w)[w.used], s(w)[~w.used]) for w in some),
               mean(auroc(s(w)[w.used], s(w)[~w.cue]) for w in some)]
        row += [mean(auroc(s(w)[w.used & (w.kind == kind)], s(w)[~w.used]) for w in some) for kind in cues.KINDS]
        everyone = [w for w in worlds + controls if name in w.scores]
        row += [mean(spearman(s(w), w.size) for w in everyone)]
        row += [mean(spearman(s(w), getattr(w, key)) for w in controls if name in w.scores) for key in ("size", "accuracy")]
        print(f"| {name} | {text(row)} |")


def print_alarms(worlds, controls, name):
    """The threshold that 5 % of the classes without a cue exceed, in worlds with cues and without."""
    for title, clean in (("control worlds", controls), ("classes without a cue of the other worlds", worlds)):
        clean = np.concatenate([w.scores[name][~w.cue] for w in clean]) if clean else np.zeros(0)
        if not len(clean):
            continue
        limit = np.quantile(clean, 0.95)
        found = {key: np.concatenate([w.scores[name][getattr(w, key)] for w in worlds]) for key in ("needed", "used")}
        print(f"\n`{name}` above {limit:.3f} (5 % of {len(clean)}: {title}): finds "
              + ", ".join(f"{100 * np.mean(v > limit):.0f} % of {len(v)} {key}" for key, v in found.items()))


def print_verdicts(worlds, controls):
    print("\n| classes | " + " | ".join(scores.VERDICTS) + " |\n|---" + "|---" * len(scores.VERDICTS) + "|")
    for name, some, mask in (("used", worlds, lambda w: w.used), ("needed", worlds, lambda w: w.needed),
                             ("planted, not used", worlds, lambda w: w.cue & ~w.used), ("unplanted", worlds, lambda w: ~w.cue),
                             ("controls", controls, lambda w: ~w.cue)):
        found = np.concatenate([w.verdict[mask(w)] for w in some]) if some else np.zeros(0)
        if len(found):
            print(f"| {name} ({len(found)}) | " + " | ".join(f"{100 * np.mean(found == v):.0f} %" for v in range(len(scores.VERDICTS))) + " |")


def print_truth(worlds):
    print("\n| cue | classes | needed | used | used, not needed |\n|---|---|---|---|---|")
    for kind in cues.KINDS:
        count = lambda mask: sum(int((mask(w) & (w.kind == kind)).sum()) for w in worlds)
        print(f"| {kind} | {count(lambda w: w.cue)} | {count(lambda w: w.needed)} | {count(lambda w: w.used)} | "
              f"{count(lambda w: w.used & ~w.needed)} |")


def main(*folders):
    worlds = [World(folder, path.stem[6:]) for folder in map(pathlib.Path, folders) for path in sorted(folder.glob("truth-*.json"))]
    controls, worlds = [w for w in worlds if not w.cue.any()], [w for w in worlds if w.cue.any()]
    print(f"{len(worlds)} worlds with cues, {len(controls)} without; {sum(w.used.sum() for w in worlds)} classes use a cue; mean "
          f"accuracy {mean(w.accuracy.mean() for w in worlds):.2f}")
    print_truth(worlds)
    print_scores(worlds, controls)
    print_verdicts(worlds, controls)
    for name in ("suspicion", "suspicion, softmax"):
        if worlds and all(name in w.scores for w in worlds + controls):
            print_alarms(worlds, controls, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
