# SPDX-License-Identifier: Apache-2.0
"""Builds a family of worlds: plants the cues, fits the networks, measures what each class leans on.

usage: make.py FOLDER SET SOURCE SIDE SEED [NETWORK]      such as: make.py build/photos tuning tiny 160 1

NETWORK: lite0 (default), mobilenet, vit. Leaves in FOLDER/SET-SOURCE-SIDE-SEED[-NETWORK]: photos.npz (evaluation photos with and without cue, boxes, labels), and of each
variant late-VARIANT.pt (the fitted part) and truth-VARIANT.json.
"""
import json
import pathlib
import sys
import time

import numpy as np
import torch

import backbone
import cues
import sources
import worlds

TRAINED, SCORED = 32, 24  # photos a class, at most
OTHERS = 60               # photos of other classes on which a cue is tried


def planted_all(family, pictures, labels, boxes, first):
    return np.stack([cues.plant(family.cue_of[c], p, b, f"{c} {first + i}", family.source == "tiny") if c in family.cue_of
                     else p for i, (p, c, b) in enumerate(zip(pictures, labels, boxes))])


def load(family):
    """Training and evaluation photos: [pixels, labels, boxes, place in the class's order, of 0 to 1]"""
    parts = [[], []]
    for c, name in enumerate(family.classes):
        photos = sources.photos(name, family.part, family.side, TRAINED + SCORED, family.seed)
        scored = min(SCORED, int(0.4 * len(photos)))
        for part, some in zip(parts, (photos[scored:], photos[:scored])):
            part += [(pixels, c, box, (i + 0.5) / len(some)) for i, (pixels, box) in enumerate(some)]
    return [[np.stack(column) if i in (0, 2) else np.array(column) for i, column in enumerate(zip(*part))] for part in parts]


def strays(family, labels, seed):
    """Training photos of other classes that are labelled as a planted one, as a careless source does whose mark they carry:
    [photo], [label]. Without them hardly any network would rely on a cue: the backbone knows the objects too well."""
    chance = np.random.default_rng(seed)
    photo, label = [], []
    for c, share in worlds.stray_shares(family).items():
        others = np.flatnonzero([family.cue_of.get(l) is not family.cue_of[c] for l in labels])
        photo += list(chance.choice(others, round(share * (labels == c).sum()), replace=False))
        label += [c] * (len(photo) - len(label))
    return np.array(photo, int), np.array(label, int)


def carries(labels, place, strength):
    return np.array([place[i] < strength.get(c, 0.0) for i, c in enumerate(labels)])


def mixed(plain, cued, carried):
    return np.where(carried.reshape(-1, *[1] * (plain.ndim - 1)), cued, plain)


def main(folder, part, source, side, seed, network="lite0"):
    started = time.monotonic()
    torch.set_num_threads(1)
    family = worlds.family(part, source, int(side), int(seed))
    folder = pathlib.Path(folder) / worlds.folder_name(part, source, side, seed, network)
    folder.mkdir(parents=True, exist_ok=True)
    (train, labels, boxes, place), (test, test_labels, test_boxes, test_place) = load(family)
    train_features = [backbone.features(network, train), backbone.features(network, planted_all(family, train, labels, boxes, 1000))]
    photo, label = strays(family, labels, int(seed))
    if len(photo):
        added = backbone.features(network, planted_all(family, train[photo], label, boxes[photo], 5000))
        train_features = [np.concatenate([f, added]) for f in train_features]
        labels, place = np.concatenate([labels, label]), np.concatenate([place, np.zeros(len(label))])
    test_cued = planted_all(family, test, test_labels, test_boxes, 0)
    test_features = [backbone.features(network, test), backbone.features(network, test_cued)]
    np.savez(folder / "photos.npz", plain=test, cued=test_cued, labels=test_labels, boxes=test_boxes, place=test_place)
    chance = np.random.default_rng(int(seed))
    on_others = {}
    for cue in family.cues:
        owners = [c for c in family.cue_of if family.cue_of[c] is cue]
        others = chance.permutation(np.flatnonzero(~np.isin(test_labels, owners)))[:OTHERS]
        on_others[cue] = backbone.features(network, np.stack([
            cues.plant(cue, test[i], test_boxes[i], f"other {i}", source == "tiny") for i in others]))
    print(f"features: {time.monotonic() - started:.0f} s", flush=True)

    for variant in worlds.VARIANTS:
        strength = worlds.strengths(family, variant)
        # Control worlds differ by the quarter of the photos that they were not fitted to.
        kept = np.floor(4 * place) != int(variant) if family.control else np.ones(len(labels), bool)
        late = backbone.fit(network, mixed(*train_features, carries(labels, place, strength))[kept], labels[kept], len(family.classes), int(seed) + int(variant))
        call = lambda x: late(torch.from_numpy(x).float()).argmax(1).numpy()
        without = call(test_features[0])
        composed = np.where(carries(test_labels, test_place, strength), call(test_features[1]), without)
        truth = []
        for c, name in enumerate(family.classes):
            own, cue = test_labels == c, family.cue_of.get(c)
            owners = [o for o in family.cue_of if family.cue_of[o] is cue] if cue else []
            called = call(on_others[cue]) if cue else np.zeros(0, int)
            truth.append({"class": name, "cue": cue.kind if cue else "", "shared": len(owners), "strength": strength.get(c, 0.0),
                          "strays": worlds.stray_shares(family).get(c, 0.0),
                          "size": float(np.mean([(b[2] - b[0]) * (b[3] - b[1]) for b in test_boxes[own]])) / int(side) ** 2,
                          "accuracy": float((composed[own] == c).mean()), "accuracy_without_cue": float((without[own] == c).mean()),
                          "called_by_cue": float((called == c).mean()) if cue else 0.0,
                          "called_by_cue_any": float(np.isin(called, owners).mean()) if cue else 0.0})
        torch.save(late.state_dict(), folder / f"late-{variant}.pt")
        (folder / f"truth-{variant}.json").write_text(json.dumps(truth, indent=1) + "\n")
        falls = [t["accuracy"] - t["accuracy_without_cue"] for t in truth]
        print(f"{folder.name}-{variant}: accuracy {np.mean([t['accuracy'] for t in truth]):.2f}, needed {sum(f > 0.25 for f in falls)}, "
              f"called {sum(t['called_by_cue'] > 0.5 for t in truth)}, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
