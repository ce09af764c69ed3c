# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python package share: the planted example, opened."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import checkrob

ROOT = Path(__file__).resolve().parents[2]
PLANTED = ROOT / "examples/planted"
SCENES = PLANTED / "scenes/images"
ANNOTATIONS = PLANTED / "scenes/annotations"
CLASSES = PLANTED / "classes.csv"
BOOT = SCENES / "boot_000.png"


def model(**options):
    return checkrob.open(PLANTED / "model.pt", **{"preprocess": PLANTED / "preprocess.json", "threads": 1, **options})


def data(**options):
    return checkrob.dataset(
        **{"format": "voc", "images": SCENES, "annotations": ANNOTATIONS, "classes": CLASSES, **options}
    )


def environment():
    """Of a program that imports this file."""
    folder = str(Path(__file__).parent)
    return dict(os.environ, PYTHONPATH=os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))


def has(package):
    return importlib.util.find_spec(package) is not None
