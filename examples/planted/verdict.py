# SPDX-License-Identifier: Apache-2.0
"""Says which classes were planted and whether they came out as the most suspicious.

Usage: verdict.py planted.json classes.csv

planted.json is what train.py measured; classes.csv is what `checkrob score` wrote, from the most suspicious class on.
"""

import csv
import json
import sys


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        cues = {entry["name"]: entry for entry in json.load(file)["classes"]}
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        ranking = list(csv.DictReader(file))

    planted = [name for name, entry in cues.items() if entry["cue"]]
    print("Planted, an emblem in a corner of 95 % of the training scenes: " + ", ".join(planted))
    print(f"{'class':<10}{'CRS':>7}{'suspicion':>12}{'acc':>7}{'acc without emblem':>20}  {'planted':<9}verdict")
    for row in ranking:
        entry = cues[row["class"]]
        print(
            f"{row['class']:<10}{float(row['crs']):>7.3f}{float(row['suspicion']):>12.2f}{float(row['acc']):>7.2f}"
            f"{entry['accuracy_without_cue']:>20.2f}  {entry['cue'] or '':<9}{row['verdict']}"
        )

    highest = [row["class"] for row in ranking[: len(planted)]]
    found = [name for name in highest if name in planted]
    suspicions = [(row["class"] in planted, float(row["suspicion"])) for row in ranking]
    hits = [own > other for is_planted, own in suspicions if is_planted for is_other, other in suspicions if not is_other]
    print(
        f"{len(found)} of the {len(planted)} planted classes are among the {len(planted)} with the highest suspicion"
        + ("." if len(found) == len(planted) else f"; there too: {', '.join(n for n in highest if n not in planted)}.")
        + f"\nA planted class is more suspicious than an unplanted one in {sum(hits)} of {len(hits)} pairs."
    )


if __name__ == "__main__":
    main()
