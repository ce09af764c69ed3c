# SPDX-License-Identifier: Apache-2.0
"""cleanlab's own check for spurious correlations, brought to a number for each class. Higher: more suspicious.

usage: cleanlab_check.py FAMILY_FOLDER     needs cleanlab and cleanvision; leaves peers-cleanlab-VARIANT.json of each variant

The packages run as they are: CleanVision scores the photos (what Datalab asks it for), and cleanlab's SpuriousCorrelations
says how well naive Bayes predicts the labels from one property. Its number is of a data set: 1 where the property says
nothing about the labels, 0 where it says all. To get one for a class, the labels are "the class" and "another one" here,
equally many of each, the others drawn once; the number is 1 less the smallest of all properties. (Version 2.7.1 takes the
most frequent label's number for its frequency; of these labels that is 0, so the number is the accuracy.)
"""
import json
import pathlib
import sys
import tempfile

import numpy as np
import pandas
from cleanlab.datalab.internal.spurious_correlation import SpuriousCorrelations
from cleanvision import Imagelab
from PIL import Image


# Their scores need no other photo, or are not about this one.
ISSUES = ["dark", "light", "low_information", "odd_aspect_ratio", "odd_size", "grayscale", "blurry"]


def properties(pixels):
    """A table with a row for each photo."""
    with tempfile.TemporaryDirectory() as folder:
        for i, photo in enumerate(pixels):
            Image.fromarray(photo).save(pathlib.Path(folder) / f"{i:05}.png")
        lab = Imagelab(data_path=folder)
        lab.find_issues({name: {} for name in ISSUES}, n_jobs=1, verbose=False)
        table = lab.issues.sort_index().reset_index(drop=True)
    return table[[column for column in table.columns if column.endswith("_score")]]


def suspicion(table, labels, c, chance):
    own, others = np.flatnonzero(labels == c), np.flatnonzero(labels != c)
    rows = np.concatenate([own, chance.choice(others, len(own), replace=False)])
    is_own = np.repeat([1, 0], len(own))
    scores = SpuriousCorrelations(data=table.iloc[rows], labels=is_own).calculate_correlations()
    return float(1 - scores["score"].min())


def main(folder):
    folder = pathlib.Path(folder)
    saved = np.load(folder / "photos.npz")
    labels = saved["labels"]
    plain, cued = properties(saved["plain"]), properties(saved["cued"])
    for path in sorted(folder.glob("truth-*.json")):
        truth = json.loads(path.read_text())
        carried = saved["place"] < np.array([row["strength"] for row in truth])[labels]  # make.carries()
        table = pandas.concat([plain[~carried], cued[carried]]).sort_index()
        chance = np.random.default_rng(0)
        found = {"spurious correlations, cleanlab's": [suspicion(table, labels, c, chance) for c in range(len(truth))]}
        (folder / f"peers-cleanlab-{path.stem[6:]}.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
