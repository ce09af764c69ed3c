# SPDX-License-Identifier: Apache-2.0
"""Asks the networks of a family of worlds with every probe.

usage: measure.py FAMILY_FOLDER [PART...]     PART: plain, pair, hot (what `suspicion` needs), same (BG-gap's); default: all

Leaves features-PART.npz (what the fixed part of the network makes of each probe, where that is the same for all
variants), and of each variant logits-PART-VARIANT.npz: logits [photos, classes] of each probe, for the photos as the
variant composes them.
"""
import json
import pathlib
import sys
import time

import numpy as np
import torch
from torch.nn.functional import interpolate

import backbone
import make
import probes
import worlds

STEP = 32
PARTS = ["plain", "pair", "same", "hot"]


def tensor(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float()


def on_masks(boxes, side):
    on = torch.zeros(len(boxes), 1, side, side)
    for mask, (x0, y0, x1, y1) in zip(on, boxes):
        mask[0, y0:y1, x0:x1] = 1
    return on


class Family:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        *plan, self.network = worlds.parsed(self.folder.name)
        self.plan, self.side = worlds.family(*plan), plan[2]
        self.variants = sorted(p.stem[5:] for p in self.folder.glob("late-*.pt"))
        saved = np.load(self.folder / "photos.npz")
        self.labels, self.boxes, self.place = saved["labels"], saved["boxes"], saved["place"]
        # Items: all photos without a cue, then those of planted classes with it.
        self.plain, self.cued = saved["plain"], saved["cued"]
        self.planted = np.flatnonzero(np.isin(self.labels, list(self.plan.cue_of)))
        self.photo = np.concatenate([np.arange(len(self.labels)), self.planted])
        self.items = np.concatenate([self.plain, self.cued[self.planted]])

    def chosen(self, variant):
        """For each photo, its item in a variant."""
        truth = json.loads((self.folder / f"truth-{variant}.json").read_text())
        carried = make.carries(self.labels, self.place, {c: row["strength"] for c, row in enumerate(truth)})
        return self.with_cue(carried)

    def with_cue(self, carried):
        chosen = np.arange(len(self.labels))
        for item, photo in enumerate(self.planted):
            if carried[photo]:
                chosen[photo] = len(self.labels) + item
        return chosen

    def companions(self):
        """For each photo the next of its class."""
        found = np.arange(len(self.labels))
        for c in np.unique(self.labels):
            own = np.flatnonzero(self.labels == c)
            found[own] = np.roll(own, -1)
        return found

    def donors(self):
        """For each photo another class's, each once: photos in an order in which classes alternate, moved on."""
        chance = np.random.default_rng(0)
        order = np.lexsort((chance.random(len(self.labels)), self.labels))
        n = len(order)
        donor = np.empty(n, int)
        shift = n // len(self.plan.classes) + 7
        donor[order] = order[(np.arange(n) + shift) % n]
        other = np.flatnonzero(self.labels[donor] == self.labels)
        donor[other] = donor[np.roll(other, 1)] if len(other) else donor[other]
        return donor


def run(network, generator, count):
    """{probe: features} of a generator function that takes indices of items."""
    found = {}
    for start in range(0, count, STEP):
        for name, x in generator(np.arange(start, min(start + STEP, count))):
            pixels = x.clamp(0, 255).permute(0, 2, 3, 1).numpy()
            found.setdefault(name, []).append(backbone.features(network, pixels))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def shared_features(family, part):
    path = family.folder / f"features-{part}.npz"
    if path.exists():
        return np.load(path)
    x, boxes = tensor(family.items), family.boxes[family.photo]
    if part == "plain":
        on = on_masks(boxes, family.side)
        generator = lambda i: probes.plain_probes(x[i], on[i])
    else:
        carried = make.carries(family.labels, family.place, {c: worlds.RECEIVER for c in family.plan.cue_of})
        donor = (family.companions() if part == "same" else family.with_cue(carried)[family.donors()])[family.photo]
        name = "same" if part == "same" else "object_0"
        generator = lambda i: [(name, probes.transplanted(x[i], boxes[i], x[donor[i]], boxes[donor[i]]))]
    np.savez(path, **run(family.network, generator, len(x)))
    return np.load(path)


def evidence(network, late, features, target, side):
    """Attribution of the log-odds of the target at the last map, compared with a blank picture: [n, 1, h, w], signed."""
    found = []
    blank = late.last_map(torch.from_numpy(backbone.features(network, np.full((1, side, side, 3), 127, np.uint8))).float())
    for start in range(0, len(features), 64):
        a = late.last_map(torch.from_numpy(features[start:start + 64]).float())
        z = late.classify(a.mean((2, 3)))
        c = torch.from_numpy(target[start:start + 64])
        p = z.softmax(1)
        p[torch.arange(len(c)), c] = 0
        p = p / p.sum(1, keepdim=True)
        weight = late.classify.weight[c] - p @ late.classify.weight
        found.append(torch.einsum("nk,nkhw->nhw", weight, a - blank)[:, None])
    return torch.cat(found)


def hot_features(family, late, variant, plain):
    chosen = family.chosen(variant)
    x, on = tensor(family.items[chosen]), on_masks(family.boxes, family.side)
    maps = evidence(family.network, late, plain[chosen], family.labels, family.side)
    large = interpolate(maps, size=x.shape[2:], mode="bilinear", align_corners=False)

    def generator(i):
        for name, where in (("hot_off", 1 - on[i]), ("hot_on", on[i])):
            gone = probes.hot(large[i], where, 0.12)
            yield name, probes.filled(x[i], gone.expand_as(x[i]))

    return run(family.network, generator, len(x))


def main(folder, *parts):
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    family = Family(folder)
    started = time.monotonic()
    shape = backbone.features(family.network, family.items[:1]).shape[1:]
    late_parts = {}
    for variant in family.variants:
        late = backbone.late(family.network, len(family.plan.classes), family.folder / f"late-{variant}.pt")
        late_parts[variant] = late, backbone.session(late, shape)
    for part in parts or PARTS:
        for variant in family.variants:
            late, run_late = late_parts[variant]
            path = family.folder / f"logits-{part}-{variant}.npz"
            if path.exists():
                continue
            chosen = family.chosen(variant)
            if part == "hot":
                features = hot_features(family, late, variant, shared_features(family, "plain")["plain"])
                index = np.arange(len(chosen))
            else:
                features, index = shared_features(family, part), chosen
            logits = {}
            for name in (features.keys() if isinstance(features, dict) else features.files):
                f = features[name][index].astype(np.float32)
                logits[name] = np.concatenate([run_late(f[i:i + 64]) for i in range(0, len(f), 64)])
            np.savez(path, **logits)
        print(f"{family.folder.name} {part}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
