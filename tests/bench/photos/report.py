# SPDX-License-Identifier: Apache-2.0
"""How well each score finds the classes that are spurious by measurement, for each network and together. Markdown.

usage: report.py FAMILY_FOLDER...

Where run.sh has scored a world with checkrob (FAMILY_FOLDER/checkrob-VARIANT), its numbers are held against the truth too.
"""
import csv
import pathlib
import sys

import numpy as np

import cues
import scores
import worlds as plans

FALL, CALL = 0.25, 0.5
COMMAND = {"CRS, the paper's": ("plain", "crs", -1), "CRS": ("default", "crs", -1), "lift": ("default", "lift", -1),
           "contrast": ("default", "contrast", -1), "robustness": ("default", "robustness", -1),
           "suspicion, the command's": ("probed", "suspicion", 1)}


class World(scores.Answers):
    def __init__(self, folder, variant):
        super().__init__(folder, variant)
        column = lambda name: np.array([row[name] for row in self.truth])
        self.network = plans.parsed(self.folder.name)[-1]
        self.kind, self.cue = column("cue"), column("cue") != ""
        self.fall = column("accuracy") - column("accuracy_without_cue")
        self.needed = self.cue & (self.fall > FALL)
        # A cue that k classes share calls them together; one of them is called when it gets its part.
        self.called = self.cue & (column("called_by_cue_any") > CALL) & (column("called_by_cue") > CALL / np.maximum(column("shared"), 1))
        self.used = self.needed | self.called
        self.scores = scores.scores(self)
        self.verdict = scores.verdicts(scores.suspicion(self))
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


def joined(arrays):
    return np.concatenate(list(arrays) or [np.zeros(0)])


def found_at(used, clean):
    """Share of the used classes above what 5 % of those without a cue exceed."""
    return f"{100 * np.mean(used > np.quantile(clean, 0.95)):.0f} %" if len(used) and len(clean) else ""


def print_scores(worlds, controls):
    """`size`, `accuracy`: Spearman's correlation with them in the control worlds. `at 5 %`: of the used classes, found at the
    limit that 5 % of the control worlds' classes exceed, and 5 % of all classes without a cue."""
    cued = [w for w in worlds if w.used.any()]
    counts = [sum(int((w.used & (w.kind == kind)).sum()) for w in worlds) for kind in cues.KINDS]
    print("\n| score | needed | used | used against unplanted | " + " | ".join(f"{k} ({n})" for k, n in zip(cues.KINDS, counts)) +
          " | size | accuracy | at 5 % |\n|---" + "|---" * (6 + len(cues.KINDS)) + "|")
    for name in (worlds + controls)[0].scores:
        if not all(name in w.scores for w in worlds + controls):
            continue
        s = lambda w: w.scores[name]
        row = [mean(auroc(s(w)[w.needed], s(w)[~w.needed]) for w in cued), mean(auroc(s(w)[w.used], s(w)[~w.used]) for w in cued),
               mean(auroc(s(w)[w.used], s(w)[~w.cue]) for w in cued)]
        row += [mean(auroc(s(w)[w.used & (w.kind == kind)], s(w)[~w.used]) for w in cued) for kind in cues.KINDS]
        row += [mean(spearman(s(w), getattr(w, key)) for w in controls) for key in ("size", "accuracy")]
        used = joined(s(w)[w.used] for w in worlds)
        clean = [joined(s(w)[~w.cue] for w in some) for some in (controls, worlds + controls)]
        print(f"| {name} | {text(row)} | {', '.join(found_at(used, c) for c in clean)} |")


def print_verdicts(worlds, controls):
    print("\n| classes | " + " | ".join(scores.VERDICTS) + " |\n|---" + "|---" * len(scores.VERDICTS) + "|")
    for name, some, mask in (("used", worlds, lambda w: w.used), ("needed", worlds, lambda w: w.needed),
                             ("planted, not used", worlds, lambda w: w.cue & ~w.used), ("unplanted", worlds, lambda w: ~w.cue),
                             ("controls", controls, lambda w: ~w.cue)):
        found = joined(w.verdict[mask(w)] for w in some)
        if len(found):
            print(f"| {name} ({len(found)}) | " + " | ".join(f"{100 * np.mean(found == v):.0f} %" for v in range(len(scores.VERDICTS))) + " |")


def print_truth(worlds):
    print("\n| cue | classes | needed | used | used, not needed |\n|---|---|---|---|---|")
    for kind in cues.KINDS:
        count = lambda mask: sum(int((mask(w) & (w.kind == kind)).sum()) for w in worlds)
        print(f"| {kind} | {count(lambda w: w.cue)} | {count(lambda w: w.needed)} | {count(lambda w: w.used)} | "
              f"{count(lambda w: w.used & ~w.needed)} |")


def print_group(title, some):
    controls, worlds = [w for w in some if not w.cue.any()], [w for w in some if w.cue.any()]
    print(f"\n### {title}\n\n{len(worlds)} worlds with cues, {len(controls)} without; {sum(w.used.sum() for w in worlds)} classes use "
          f"a cue, {sum(w.needed.sum() for w in worlds)} need it; mean accuracy {mean(w.accuracy.mean() for w in some):.2f}")
    print_truth(worlds)
    print_scores(worlds, controls)
    print_verdicts(worlds, controls)


def main(*folders):
    found = [World(folder, path.stem[6:]) for folder in map(pathlib.Path, folders) for path in sorted(folder.glob("truth-*.json"))]
    networks = sorted({w.network for w in found})
    for network in networks:
        print_group(network, [w for w in found if w.network == network])
    if len(networks) > 1:
        print_group("together", found)


if __name__ == "__main__":
    main(*sys.argv[1:])
