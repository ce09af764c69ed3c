# SPDX-License-Identifier: Apache-2.0
"""From the answers to the probes to a number for each class. Higher: more suspicious. Nothing here knows the cues.

`suspicion`, its standard error and the verdict are at the end; what is above them is older.

`p(c | picture)` is the softmax of the logits, divided by twice the median margin of the photos that are recognised, so that
the scale of a network's logits does not matter; or, for `shares`, 1 for the class that is called and 0 for the others.
"Own" photos of a class are those that are recognised as they are.
"""
import json

import numpy as np

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
        self.donors = [family.donors(k) for k in range(measure.PARTNERS)]
        self.logits = {}
        for path in sorted(family.folder.glob(f"logits-*-{variant}.npz")):
            self.logits.update(np.load(path))
        self.size = np.array([row["size"] for row in self.truth])
        self.accuracy = np.array([row["accuracy"] for row in self.truth])
        self.shares = False
        self.right = self.logits["plain"].argmax(1) == self.labels
        self.scale = SCALE / self.margin()

    def margin(self):
        """The median over the recognised photos of the label's logit less the next."""
        top = np.sort(self.logits["plain"][self.right], axis=1)
        return np.median(top[:, -1] - top[:, -2])

    def p(self, probe):
        logits = self.logits[probe]
        return np.eye(logits.shape[1])[logits.argmax(1)] if self.shares else softmax(logits * self.scale)

    def per_class(self, values, among):
        return np.array([values[among & (self.labels == c)].mean() if (among & (self.labels == c)).any() else np.nan
                         for c in self.classes])

    def hold(self, probe):
        """Own photos: p(c | probe) / p(c | photo), at most 1."""
        index = np.arange(len(self.labels)), self.labels
        return self.per_class(np.minimum(self.p(probe)[index] / np.maximum(self.p("plain")[index], 1e-9), 1), self.right)

    def drawn(self, probe):
        """Photos of other classes: p(c | probe) - p(c | photo)."""
        change = self.p(probe) - self.p("plain")
        return np.array([change[self.labels != c, c].mean() for c in self.classes])

    def pair(self, probe, of_donor):
        """Photos that received something from a photo of another class. The mean of p(c) where class c gave (of_donor) or
        is the receiver, less the mean of p(c) where neither was. Only where the giver's photo (of_donor) or the receiver's
        is recognised as it is."""
        found = np.zeros((4, len(self.classes)))
        for k, donor in enumerate(self.donors):
            if f"{probe}_{k}" not in self.logits:
                continue
            p, giver = self.p(f"{probe}_{k}"), self.labels[donor]
            right = self.right[donor] if of_donor else self.right
            for c in self.classes:
                with_it = right & ((giver if of_donor else self.labels) == c)
                neither = right & (giver != c) & (self.labels != c)
                found[:, c] += p[with_it, c].sum(), with_it.sum(), p[neither, c].sum(), neither.sum()
        return found[0] / np.maximum(found[1], 1) - found[2] / found[3]


# Parts of a photo that call its class from photos of others: near 0 for classes without a cue.
PARTS = ["rim on others", "hot spot on others", "drawn by blur"]


def level(values, by):
    """Less the line (Theil and Sen's) through the classes: a smaller object leaves more context that is informative."""
    i, j = np.triu_indices(len(by), 1)
    apart = np.abs(by[i] - by[j]) > 0.05
    slope = np.median((values[i] - values[j])[apart] / (by[i] - by[j])[apart]) if apart.any() else 0.0
    return values - slope * (by - np.median(by))


def softmax_tests(a):
    """The tests for which every network was asked."""
    s = {
        "gray, lost": 1 - a.hold("gray_off"),
        "off12, lost": 1 - a.hold("hot_off"),
        "on12 - off12": a.hold("hot_on") - a.hold("hot_off"),
        "on12 - min(off12, gray)": a.hold("hot_on") - np.minimum(a.hold("hot_off"), a.hold("gray_off")),
        "drawn by blur": np.maximum(a.drawn("blur_off"), a.drawn("soft_off")),
        "context around others": a.pair("object", False),
        "object in others' context, lost": -a.pair("object", True),
    }
    context = s["context around others, level in size"] = level(s["context around others"], np.log(a.size))
    # In units that carry over to any network: see Answers.p. Six or seven passes.
    s["suspicion, softmax"] = (context + 2 * np.maximum(s["drawn by blur"], 0) + 0.5 * s["object in others' context, lost"] +
                               0.1 * s["on12 - off12"] + 0.05 * s["gray, lost"])
    return s


def tests(a):
    s = softmax_tests(a)
    if "mean_on" not in a.logits:
        return s
    s.update({
        "context only (mean colour)": a.hold("mean_on"),
        "object only (mean colour), lost": 1 - a.hold("mean_off"),
        "rim on others": a.pair("rim", True),
        "hot spot on others": a.pair("hotspot", True),
    })
    blur, context = np.maximum(s["drawn by blur"], 0), s["context around others, level in size"]
    s["context - object"] = s["context only (mean colour)"] + s["object only (mean colour), lost"] - 1
    s["parts"] = sum(np.maximum(s[name], 0) for name in PARTS)
    s["suspicion, softmax, without maps"] = (context + 2 * blur + 0.5 * s["object in others' context, lost"] +
                                             0.1 * s["gray, lost"] + 0.1 * s["object only (mean colour), lost"])
    return s


SHARES = ["context only (mean colour)", "context - object", "on12 - off12", "on12 - min(off12, gray)", "parts", "suspicion, softmax", "suspicion, softmax, without maps"]


def older(a):
    found = tests(a)
    a.shares = True
    found.update({f"{name}, shares": value for name, value in tests(a).items() if name in SHARES})
    a.shares = False
    if "parts" not in found:
        return found
    # What was chosen before the worlds called `second` were read, and before the first of `held-out` were.
    found["second choice"] = (0.5 * found["context around others, level in size"] + np.maximum(found["rim on others"], 0) +
                              2 * np.maximum(found["drawn by blur"], 0) + 0.4 * found["object in others' context, lost"] +
                              0.15 * found["on12 - off12"] + 0.05 * found["gray, lost"])
    found["three passes"] = 0.3 * found["object only (mean colour), lost"] + 2 * np.maximum(found["drawn by blur"], 0)
    found["first choice"] = 2 * found["parts"] + 0.3 * found["on12 - off12"] + 0.5 * found["object in others' context, lost"]
    found["parts and hot spot"] = 2 * found["parts"] + 0.3 * found["on12 - off12"]
    return found


LIMIT, NORMAL = 0.7, 1.96  # the verdict's; two-sided 95 %
VERDICTS = ["non-robust", "doubtful", "no dependence found", "not enough data"]


def third_classes(labels, given, seed=0):
    """For each photo the class of another one that is neither its own nor its donor's."""
    chance = np.random.default_rng(seed)
    third = labels[chance.integers(0, len(labels), len(labels))]
    while ((third == labels) | (third == given)).any():
        again = (third == labels) | (third == given)
        third[again] = labels[chance.integers(0, len(labels), again.sum())]
    return third


def suspicion(a):
    """(suspicion, its standard error) of each class, in logits alone: E(c | x) is the logit of c less the mean over the
    classes, in units of the mean over recognised photos of E(label | photo).

    t: photo i of class a with the object of a photo of class b in its box; k: a third class.
      context   mean over recognised photos of class c of E(c | t), less the mean over those with k = c
      object    mean over photos with b = c of E(c | t), less the same
      drawn     mean over photos with b = c of E(c | blurred off the object) - E(c | photo); the larger of two blurs, at least 0
      spot      what E(c) loses, at most 0, when the hot spot off the object is filled, less the same on the object
      colour    what it loses without colour off the object
    suspicion = context - 0.5 object + 2 drawn + 1.5 spot + 0.75 colour. Its parts come from different photos: the variances add."""
    index, labels = np.arange(len(a.labels)), a.labels
    given = labels[a.donors[0]]
    third = third_classes(labels, given)
    raw = {probe: z - z.mean(1, keepdims=True) for probe, z in a.logits.items()}
    unit = raw["plain"][index, labels][a.right].mean()
    e = lambda probe, of: raw[probe][index, of] / unit
    lost = lambda probe: np.maximum(e("plain", labels) - e(probe, labels), 0)

    def mean(values, of, among):
        """(mean, squared standard error)"""
        parts = [values[among & (of == c)] for c in a.classes]
        return np.array([(v.mean() if len(v) else np.nan, v.var(ddof=1) / len(v) if len(v) > 1 else 0.0) for v in parts]).T

    everyone = np.ones(len(labels), bool)
    own = mean(e("object_0", labels) + 1.5 * (lost("hot_off") - lost("hot_on")) + 0.75 * lost("gray_off"), labels, a.right)
    control = mean(e("object_0", third), third, a.right)
    object_ = mean(e("object_0", given), given, everyone)
    blurs = np.array([mean(e(probe, given) - e("plain", given), given, everyone) for probe in ("blur_off", "soft_off")])
    drawn = np.where(blurs[0, 0] > blurs[1, 0], blurs[0], blurs[1])
    drawn[:, drawn[0] < 0] = 0
    return (own[0] - 0.5 * control[0] - 0.5 * object_[0] + 2 * drawn[0],
            np.sqrt(own[1] + 0.25 * control[1] + 0.25 * object_[1] + 4 * drawn[1]))


def verdicts(value, error):
    """Places in VERDICTS."""
    found = np.where(value - NORMAL * error > LIMIT, 0, np.where(value + NORMAL * error > LIMIT, 1, 2))
    return np.where(np.isnan(value), 3, found)


def background_gap(a):
    """ImageNet-9's BG-gap: share recognised with their own class's object in the box, less share with another class's context."""
    given = a.labels[a.donors[0]]
    share = lambda probe, of: np.array([(a.logits[probe].argmax(1) == c)[of == c].mean() for c in a.classes])
    return share("same", a.labels) - share("object_0", given)


def scores(a):
    """{name: [classes]}"""
    found = {"suspicion": suspicion(a)[0]}
    if "same" in a.logits:
        found["BG-gap"] = background_gap(a)
    path = a.folder / f"peers-{a.variant}.json"
    if path.exists():
        found.update({name: np.array(value) for name, value in json.loads(path.read_text()).items()})
    return {**found, **older(a)}
