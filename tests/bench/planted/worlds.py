# SPDX-License-Identifier: Apache-2.0
"""Names of the worlds: those that methods, formulas and thresholds were chosen on, and those held out from that.

usage: worlds.py tuning|held-out|fresh|advice
"""
import sys

from world import KINDS, World

PLACINGS = ["free", "centred"]


def worlds(strengths, controls, seed):
    found = []
    for k, kind in enumerate(KINDS):
        for s, strength in enumerate(strengths):
            found.append(World(kind, strength, PLACINGS[(k + s) % 2], seed + len(found)))
    for n in range(controls):
        found.append(World("none", 0.0, PLACINGS[n % 2], seed + len(found)))
    return [world.name for world in found]


SETS = {"tuning": worlds((0.6, 0.85, 1.0), 4, 100), "held-out": worlds((0.5, 0.7, 0.8, 0.95, 1.0), 8, 700),
        # For the suspicion: read once, after its form was chosen.
        "fresh": worlds((0.9,), 2, 900),
        # For advice.py, which trains each of them anew.
        "advice": worlds((0.8, 0.95, 1.0), 0, 1100)[:10]}

if __name__ == "__main__":
    print(*SETS[sys.argv[1]], sep="\n")
