# SPDX-License-Identifier: Apache-2.0
"""Which part of the surroundings says the class: names the place or the kind of a cue.

usage: parts.py FAMILY_FOLDER...

A part (a place, the colours, the sharpness) of the surroundings of each photo goes into a photo of another class. The gain is
how much of its class's relative logit the other photo then has. Leaves features-parts.npz, and prints for each class the part
with the largest gain, in robust deviations over the classes of the world.
"""
import json
import sys

import numpy as np
import torch

import backbone
import make
import measure
import probes
import worlds

FEWEST = 5  # recognised photos


def places(side):
    at = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(at, at)
    rim, strip, corner = 0.09, 0.22, 0.35
    found = {"border": (np.minimum(x, y) < rim) | (np.maximum(x, y) > 1 - rim),
             "left side": x < strip, "right side": x > 1 - strip, "top": y < strip, "bottom": y > 1 - strip,
             "upper left corner": (x < corner) & (y < corner), "upper right corner": (x > 1 - corner) & (y < corner),
             "lower left corner": (x < corner) & (y > 1 - corner), "lower right corner": (x > 1 - corner) & (y > 1 - corner)}
    return {name: torch.from_numpy(mask)[None, None] for name, mask in found.items()}


def colours(x, off):
    """Mean and standard deviation of each channel where off is 1."""
    count = off.sum((2, 3), keepdim=True).clamp(min=1)
    mean = (x * off).sum((2, 3), keepdim=True) / count
    return mean, (((x - mean) ** 2 * off).sum((2, 3), keepdim=True) / count).sqrt().clamp(min=5)


def features(family):
    """For each item, and each part: what the network makes of the other photo that has this part of the item."""
    path = family.folder / "features-parts.npz"
    if path.exists():
        return np.load(path)
    x, boxes = measure.tensor(family.items), family.boxes[family.photo]
    off = 1 - measure.on_masks(boxes, family.side)
    carried = make.carries(family.labels, family.place, {c: worlds.RECEIVER for c in family.plan.cue_of})
    receiver = family.with_cue(carried)[family.donors()][family.photo]
    masks = places(family.side)

    def generator(i):
        own, other, off_own, off_other = x[i], x[receiver[i]], off[i], off[receiver[i]]
        yield "nothing", other
        for name, mask in masks.items():
            yield name, torch.where(mask & (off_own * off_other > 0.5), own, other)
        (mean, deviation), (to, wide) = colours(other, off_other), colours(own, off_own)
        yield "colours", torch.where(off_other > 0.5, (other - mean) / deviation * wide + to, other)
        yield "sharpness", torch.where(off_other > 0.5, probes.blurred(other, family.side / 80), other)

    np.savez(path, receiver=receiver, **measure.run(family.network, generator, len(x)))
    return np.load(path)


def relative(late, maps):
    logits = torch.cat([late(torch.from_numpy(maps[i:i + 64]).float()) for i in range(0, len(maps), 64)])
    return (logits - logits.mean(1, keepdim=True)).numpy()


def gains(family, found, variant):
    """[classes, parts], in units of the class's mean relative logit; NaN with few recognised photos."""
    late = backbone.late(family.network, len(family.plan.classes), family.folder / f"late-{variant}.pt")
    chosen, labels = family.chosen(variant), family.labels
    plain = relative(late, measure.shared_features(family, "plain")["plain"][chosen])
    others = labels[family.photo[found["receiver"][chosen]]]
    parts = [name for name in found.files if name not in ("receiver", "nothing")]
    before, after = (relative(late, found["nothing"][chosen]), [relative(late, found[part][chosen]) for part in parts])
    gain = np.full((len(family.plan.classes), len(parts)), np.nan)
    for c in range(len(gain)):
        own = np.flatnonzero((labels == c) & (plain.argmax(1) == c))
        pairs = own[others[own] != c]
        if len(pairs) >= FEWEST:
            gain[c] = [(a[pairs, c] - before[pairs, c]).mean() / plain[own, c].mean() for a in after]
    return parts, gain


def main(*folders):
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for folder in folders:
        family = measure.Family(folder)
        found = features(family)
        for variant in family.variants:
            parts, gain = gains(family, found, variant)
            middle = np.nanmedian(gain, 0)
            score = (gain - middle) / (1.4826 * np.nanmedian(abs(gain - middle), 0)).clip(0.02)
            for c, row in enumerate(json.loads((family.folder / f"truth-{variant}.json").read_text())):
                if not np.isnan(score[c]).any():
                    best = int(score[c].argmax())
                    print(f"{family.folder.name}-{variant} {row['class']} {row['cue'] or '-'}: {parts[best]} {score[c, best]:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
