# SPDX-License-Identifier: Apache-2.0
"""Worlds: which classes, which cues, how strong. Names: SET-SOURCE-SIDE-SEED-VARIANT, such as tuning-tiny-160-1-0; the
network's after the seed where it is not lite0, such as held-out-tiny-160-18-mobilenet-0.

The variants of a seed have the same photos and the same cues, and another strength for each class. From seed 90 on there
are no cues, and the variants are fitted to other photos. The classes of tuning and held-out worlds are disjoint.
"""
import collections
import random
import re
import sys

import cues
import sources

STRENGTHS = [0.6, 0.9, 1.0]
STRAYS = [0.0, 0.5, 1.0]  # training photos of other objects that carry the cue and the class's label, per photo of its own
VARIANTS = ["0", "1", "2"]
CONTROLS = 90  # seeds from here on are worlds without cues
RECEIVER = 0.8  # strength at which photos carry their own cue when they receive parts of others

Family = collections.namedtuple("Family", "part source side seed control classes cues cue_of")


def folder_name(part, source, side, seed, network="lite0"):
    return "-".join([part, source, str(side), str(seed)] + [network] * (network != "lite0"))


def parsed(name):
    """(part, source, side, seed, network) of the name of a family's folder"""
    part, source, side, seed, network = re.fullmatch(r"(.+)-(tiny|mix)-(\d+)-(\d+)(?:-(\w+))?", name).groups()
    return part, source, int(side), int(seed), network or "lite0"


def tiny_names(part, chance):
    """20 classes in runs of four neighbours of the ImageNet tree, which are hard to tell apart."""
    blocks = [sources.tiny_classes()[i:i + 10] for i in range(0, 200, 10)]
    blocks = blocks[0 if part == "tuning" else 1::2]
    names = []
    for block in chance.sample(blocks, 5):
        start = chance.randrange(7)
        names += block[start:start + 4]
    return names


def companions(part, side, chance, taken):
    name = chance.choice([n for i, n in enumerate(sources.tiny_classes())
                          if n not in taken and (i // 10 % 2 == 0) == (part == "tuning")])
    return sources.tiny(name, side, 40, chance.random())


def family(part, source, side, seed):
    """Half of the classes are planted. Each kind of cue is there; some are shared by two classes, most are not."""
    chance = random.Random(f"{part} {source} {side} {seed}")
    classes = tiny_names(part, chance) if source == "tiny" else sorted(sources.MIX[part])
    if seed >= CONTROLS:
        return Family(part, source, side, seed, True, classes, [], {})
    planted = chance.sample(range(len(classes)), len(classes) // 2)
    shared = len(planted) // 5
    kinds = chance.sample(cues.KINDS, len(cues.KINDS))
    kinds = (kinds + chance.sample([k for k in kinds if k != "blur"], 5))[:len(planted) - shared]
    made = [cues.Cue(kind, f"{part} {source} {seed} {i}",
                     companions(part, side, chance, classes) if kind == "companion" else ()) for i, kind in enumerate(kinds)]
    cue_of = {c: made[i % len(made)] for i, c in enumerate(planted)}
    return Family(part, source, side, seed, False, classes, made, cue_of)


def strengths(family, variant):
    """{class index: share of its photos that carry its cue}"""
    return {c: STRENGTHS[(i + int(variant)) % 3] for i, c in enumerate(family.cue_of)}


def stray_shares(family):
    return {c: STRAYS[(i + i // 3) % 3] for i, c in enumerate(family.cue_of)}


# Which worlds were read before the formula, weights and limits of `suspicion` were chosen, and which after. (The first word of a
# family names the half of the classes.)
SETS = {"tuning": ["tuning tiny 160 1", "tuning tiny 160 2", "tuning mix 160 2",
                   "held-out tiny 160 11", "held-out mix 160 11", "held-out tiny 160 13", "held-out tiny 160 14",
                   "held-out mix 224 12", "held-out tiny 160 16", "held-out mix 160 17", "held-out tiny 160 21",
                   "held-out tiny 160 18 mobilenet", "held-out tiny 160 20 mobilenet", "held-out tiny 154 19 vit",
                   "tuning tiny 160 91", "held-out tiny 160 92", "held-out tiny 160 93", "held-out tiny 160 94",
                   "held-out tiny 160 94 mobilenet", "held-out tiny 154 95 vit"],
        "held-out": ["held-out tiny 160 22", "held-out tiny 160 23 mobilenet", "held-out tiny 160 96"],
        # Read once, after the lift was added to the command's suspicion.
        "fresh": ["held-out tiny 160 25", "held-out tiny 160 26 mobilenet", "held-out tiny 160 97", "held-out tiny 160 98 mobilenet",
                  "held-out tiny 154 24 vit", "held-out tiny 160 27", "held-out tiny 160 28 mobilenet", "held-out tiny 154 99 vit"]}

if __name__ == "__main__":
    print(*SETS[sys.argv[1]], sep="\n")
