# SPDX-License-Identifier: Apache-2.0
"""What others publish, brought to a number for each class. Higher: more suspicious.

usage: peers.py FAMILY_FOLDER     leaves peers-VARIANT.json of each variant

- `properties`: cleanlab's check for spurious correlations asks how well one property of a photo (those of CleanVision:
  brightness, contrast of light and dark, blur, colour, entropy) predicts the label. It gives a number for each property of
  a data set, none for a class, and asks no model. Here: the largest |2 AUROC - 1| of a property for the class against the
  others. Size and aspect are left out: the photos are all alike in them.
- `components`: Neuhaus et al., "Spurious Features Everywhere" (ICCV 2023): PCA of a class's weighted activations
  (weight * pooled activation of its own photos); people look at each component's strongest photos. Here a box looks: what
  the component adds to the logit off the box, less what the share of the area off the box would explain, on the five
  strongest photos; the largest of the first ten components.
- ImageNet-9's BG-gap (Xiao et al., 2021) is in scores.py: it needs nothing but the probes' answers.
"""
import json
import sys

import numpy as np
import torch
from torch.nn.functional import interpolate

import backbone
import measure

COMPONENTS, STRONGEST = 10, 5


def properties(pixels):
    """[photos, properties]"""
    rows = []
    for photo in pixels.astype(np.float64):
        light = np.sqrt(photo ** 2 @ [0.241, 0.691, 0.068])
        gray = photo @ [0.299, 0.587, 0.114]
        curved = 4 * gray[1:-1, 1:-1] - gray[:-2, 1:-1] - gray[2:, 1:-1] - gray[1:-1, :-2] - gray[1:-1, 2:]
        share = np.bincount(gray.astype(int).ravel(), minlength=256) / gray.size
        colour = (photo.max(2) - photo.min(2)).mean()
        rows.append([light.mean(), *np.percentile(light, [1, 5, 10, 15, 90, 95, 99]), curved.std(), gray.std(), colour,
                     -(share[share > 0] * np.log2(share[share > 0])).sum()])
    return np.array(rows)


def predicted_by_properties(pixels, labels, classes):
    order = np.argsort(np.argsort(properties(pixels), axis=0), axis=0) + 1.0
    found = []
    for c in range(classes):
        own = labels == c
        n, others = own.sum(), (~own).sum()
        area = (order[own].sum(0) - n * (n + 1) / 2) / (n * others)
        found.append(float(np.abs(2 * area - 1).max()))
    return found


def components_off(family, late, features, labels, right):
    found = []
    for c in range(len(family.plan.classes)):
        own = np.flatnonzero((labels == c) & right)
        if len(own) < STRONGEST:
            found.append(0.0)
            continue
        maps = late.last_map(torch.from_numpy(features[own]).float()) * late.classify.weight[c][:, None, None]
        middle = maps.mean((0, 2, 3))
        pooled = maps.mean((2, 3)) - middle
        directions = torch.linalg.svd(pooled, full_matrices=False)[2][:COMPONENTS]
        # What a component adds to the logit, at each position: <1, v> <v, weight * activation - mean>.
        added = torch.einsum("lk,nkhw->nlhw", directions, maps - middle[:, None, None]) * directions.sum(1)[:, None, None]
        off = 1 - measure.on_masks(family.boxes[own], family.side)
        off = interpolate(off, size=added.shape[2:], mode="area")
        positive = added.clamp(min=0)
        excess = (positive * off).mean((2, 3)) - off.mean((2, 3)) * positive.mean((2, 3))
        strongest = added.mean((2, 3)).topk(STRONGEST, dim=0).indices
        found.append(float(excess.gather(0, strongest).mean(0).max()))
    return found


def main(folder):
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    family = measure.Family(folder)
    features = np.load(family.folder / "features-plain.npz")["plain"]
    for variant in family.variants:
        chosen, classes = family.chosen(variant), len(family.plan.classes)
        late = backbone.late(family.network, classes, family.folder / f"late-{variant}.pt")
        right = np.load(family.folder / f"logits-plain-{variant}.npz")["plain"].argmax(1) == family.labels
        found = {"properties": predicted_by_properties(family.items[chosen], family.labels, classes),
                 "components": components_off(family, late, features[chosen], family.labels, right)}
        (family.folder / f"peers-{variant}.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
