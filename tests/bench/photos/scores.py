# SPDX-License-Identifier: Apache-2.0
"""From the answers to the probes to a number for each class. Higher: more suspicious. Nothing here knows the cues.

`suspicion` is what `checkrob score --probe verdict` computes; `softmax_scores` and `linear` are forms before it. "Own" photos
of a class are those that are recognised as they are.
"""
import collections
import json

import numpy as np
from scipy import stats

import measure


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


SCALE = 0.5  # the median margin of recognised photos, in nats, after scaling


class Answers:
    """The networks' answers in one world."""

    def __init__(self, folder, variant):
        family = measure.Family(folder)
        self.folder, self.variant, self.name = family.folder, variant, f"{family.folder.name}-{variant}"
        self.labels, self.classes = family.labels, range(len(family.plan.classes))
        self.truth = json.loads((family.folder / f"truth-{variant}.json").read_text())
        self.given = self.labels[family.donors()]  # the class whose object a photo has in its box in the probe `object_0`
        self.logits = {}
        for path in sorted(family.folder.glob(f"logits-*-{variant}.npz")):
            self.logits.update(np.load(path))
        self.size = np.array([row["size"] for row in self.truth])
        self.accuracy = np.array([row["accuracy"] for row in self.truth])
        self.right = self.logits["plain"].argmax(1) == self.labels
        self.given_right = self.right[family.donors()]
        self.scale = SCALE / self.margin()

    def margin(self):
        """The median over the recognised photos of the label's logit less the next."""
        top = np.sort(self.logits["plain"][self.right], axis=1)
        return np.median(top[:, -1] - top[:, -2])

    def p(self, probe):
        return softmax(self.logits[probe] * self.scale)

    def means(self, values, of, among=True):
        """Over the photos of `among` where `of` is the class."""
        return np.array([values[mask].mean() if (mask := among & (of == c)).any() else np.nan for c in self.classes])

    def hold(self, probe):
        """Own photos: p(c | probe) / p(c | photo), at most 1."""
        index = np.arange(len(self.labels)), self.labels
        return self.means(np.minimum(self.p(probe)[index] / np.maximum(self.p("plain")[index], 1e-9), 1), self.labels, self.right)

    def drawn(self, probe):
        """Photos of other classes: p(c | probe) - p(c | photo)."""
        change = self.p(probe) - self.p("plain")
        return np.array([change[self.labels != c, c].mean() for c in self.classes])

    def pair(self, of_donor):
        """The probe `object_0`: the mean of p(c) where class c gave its object (of_donor) or received another, less the mean
        of p(c) where it did neither. Only where the photo that gave (of_donor) or received is recognised as it is."""
        p, found, right = self.p("object_0"), [], self.given_right if of_donor else self.right
        for c in self.classes:
            with_it = right & ((self.given if of_donor else self.labels) == c)
            neither = right & (self.given != c) & (self.labels != c)
            found.append(p[with_it, c].sum() / max(with_it.sum(), 1) - p[neither, c].mean())
        return np.array(found)


def level(values, by):
    """Less the line (Theil and Sen's) through the classes: a smaller object leaves more context that is informative."""
    i, j = np.triu_indices(len(by), 1)
    apart = np.abs(by[i] - by[j]) > 0.05
    slope = np.median((values[i] - values[j])[apart] / (by[i] - by[j])[apart]) if apart.any() else 0.0
    return values - slope * (by - np.median(by))


def softmax_scores(a):
    """Probabilities in place of evidence: the softmax of the logits, divided by twice the median margin of the recognised
    photos, so that the scale of a network's logits does not matter. One donor a photo (when this form was chosen: two)."""
    context = level(a.pair(False), np.log(a.size))
    drawn = np.maximum(np.maximum(a.drawn("blur_off"), a.drawn("soft_off")), 0)
    return {"context around others, softmax": context,
            "suspicion, softmax": (context + 2 * drawn - 0.5 * a.pair(True) + 0.1 * (a.hold("hot_on") - a.hold("hot_off")) +
                                   0.05 * (1 - a.hold("gray_off")))}


LIMIT, LEVEL, FEWEST, LEVELLED, MOST = 0.7, 0.95, 10, 16, 10.0
VERDICTS = ["non-robust", "doubtful", "no dependence found", "not enough data"]
Suspicion = collections.namedtuple("Suspicion", "value half recognised")  # value +- half is the interval


def relative(a):
    """{probe: each logit less the mean over the classes, in units of its mean over the recognised photos (their labels)}"""
    found = {probe: z - z.mean(1, keepdims=True) for probe, z in a.logits.items()}
    unit = found["plain"][np.arange(len(a.labels)), a.labels][a.right].mean()
    return {probe: z / unit for probe, z in found.items()}


def suspicion(a):
    """With E the relative logit (`relative`), X = exp(E) the evidence, t a photo with another class's object in its box:

      context   mean over own photos of X_c(t) - 1
      object    mean over photos whose t has class c's object of X_c(t) - 1
      gain      mean over the same of X_c(blurred off the object) - X_c(photo); the larger of two blurs, at least 0
      spot      mean over own photos of the share of the evidence lost without the hot spot off the object, less that on it
      colour    the share lost without colour off the object
    suspicion = context - object / 2 + gain + 1.5 spot + 0.75 colour, level in size where 16 classes have it."""
    e, index, log_size = relative(a), np.arange(len(a.labels)), np.log(a.size)
    x = lambda probe, of: np.exp(np.minimum(e[probe][index, of], MOST))
    lost = lambda probe: 1 - np.minimum(np.exp((e[probe] - e["plain"])[index, a.labels]), 1)
    own = x("object_0", a.labels) + 1.5 * (lost("hot_off") - lost("hot_on")) + 0.75 * lost("gray_off") - 1
    objects = -0.5 * (x("object_0", a.given) - 1)
    gains = [x(probe, a.given) - x("plain", a.given) for probe in ("blur_off", "soft_off")]
    value, half, recognised = np.full((3, len(a.classes)), np.nan)
    for c in a.classes:
        mine, gave = own[a.right & (a.labels == c)], a.given == c
        recognised[c] = len(mine)
        if len(mine) < 2 or gave.sum() < 2:
            continue
        gain = max((g[gave] for g in gains), key=np.mean)
        value[c] = mine.mean() + objects[gave].mean() + max(gain.mean(), 0)
        half[c] = half_width(mine, objects[gave] + gain)
    known = ~np.isnan(value)
    if known.sum() >= LEVELLED:
        value[known] = level(value[known], log_size[known])
    return Suspicion(value, half, recognised)


def half_width(*samples):
    """Of the interval of the sum of independent samples' means: Student's t, Welch and Satterthwaite's degrees of freedom."""
    parts = np.array([(s.var(ddof=1) / len(s), len(s) - 1) for s in samples]).T
    variance, divisor = parts[0].sum(), (parts[0] ** 2 / parts[1]).sum()
    return np.sqrt(variance) * stats.t.ppf(0.5 + LEVEL / 2, variance ** 2 / divisor) if divisor else 0.0


def verdicts(s):
    """Places in VERDICTS. The command also calls classes doubtful that are seldom recognised."""
    low, high = s.value - s.half, s.value + s.half
    found = np.select([low > LIMIT, (low < 0) & (high > LIMIT), high >= LIMIT], [0, 3, 1], 2)
    return np.where(np.isnan(s.value) | (s.recognised < FEWEST), 3, found)


def linear(a):
    """The form before: relative logits in place of evidence, context and object compared with a third class, not level."""
    chance, labels, e, index = np.random.default_rng(0), a.labels, relative(a), np.arange(len(a.labels))
    third = labels[chance.integers(0, len(labels), len(labels))]
    while (again := (third == labels) | (third == a.given)).any():
        third[again] = labels[chance.integers(0, len(labels), again.sum())]
    lost = lambda probe: np.maximum((e["plain"] - e[probe])[index, labels], 0)
    own = e["object_0"][index, labels] + 1.5 * (lost("hot_off") - lost("hot_on")) + 0.75 * lost("gray_off")
    drawn = [a.means((e[probe] - e["plain"])[index, a.given], a.given) for probe in ("blur_off", "soft_off")]
    return (a.means(own, labels, a.right) - 0.5 * a.means(e["object_0"][index, third], third, a.right) -
            0.5 * a.means(e["object_0"][index, a.given], a.given) + 2 * np.maximum(np.maximum(*drawn), 0))


def background_gap(a):
    """ImageNet-9's BG-gap: share recognised with their own class's object in the box, less share with another class's context."""
    share = lambda probe, of: a.means(a.logits[probe].argmax(1) == of, of)
    return share("same", a.labels) - share("object_0", a.given)


def scores(a):
    """{name: [classes]}"""
    found = {"suspicion": suspicion(a).value, "suspicion, linear": linear(a), **softmax_scores(a)}
    if "same" in a.logits:
        found["BG-gap"] = background_gap(a)
    for path in sorted(a.folder.glob(f"peers*-{a.variant}.json")):
        found.update({name: np.array(value) for name, value in json.loads(path.read_text()).items()})
    return found
