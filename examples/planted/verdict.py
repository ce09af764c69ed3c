# SPDX-License-Identifier: Apache-2.0
"""Says which classes were planted and whether they came out lowest.

Usage: verdict.py planted.json classes.csv

planted.json is what train.py measured; classes.csv is what `checkrob score` wrote, from the least robust class on.
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
    print(f"{'class':<10}{'CRS':>7}{'robustness':>12}{'acc':>7}{'acc without emblem':>20}  {'planted':<9}verdict")
    for row in ranking:
        entry = cues[row["class"]]
        print(
            f"{row['class']:<10}{float(row['crs']):>7.3f}{float(row['robustness']):>12.2f}{float(row['acc']):>7.2f}"
            f"{entry['accuracy_without_cue']:>20.2f}  {entry['cue'] or '':<9}{row['verdict']}"
        )

    lowest = [row["class"] for row in ranking[: len(planted)]]
    found = [name for name in lowest if name in planted]
    pairs = [(row["class"] in planted, float(row["robustness"])) for row in ranking]
    hits = [low < high for is_low, low in pairs if is_low for is_high, high in pairs if not is_high]
    print(
        f"{len(found)} of the {len(planted)} planted classes are among the {len(planted)} with the lowest robustness"
        + ("." if len(found) == len(planted) else f"; there too: {', '.join(n for n in lowest if n not in planted)}.")
        + f"\nA planted class scores below an unplanted one in {sum(hits)} of {len(hits)} pairs."
    )


if __name__ == "__main__":
    main()
