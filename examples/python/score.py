# SPDX-License-Identifier: Apache-2.0
"""Scores a model on a folder of annotated images, and prints its classes, the least robust first."""
import sys

import checkrob

if len(sys.argv) != 6:
    print("usage: score.py MODEL PREPROCESS IMAGES ANNOTATIONS CLASSES", file=sys.stderr)
    sys.exit(2)
model_path, preprocess, images, annotations, classes = sys.argv[1:]

model = checkrob.open(model_path, preprocess=preprocess)
data = checkrob.dataset("voc", images=images, annotations=annotations, classes=classes)
results = checkrob.score(model, data)
for row in results.classes:
    print(f"{row.class_}: accuracy {row.acc:.3f}, CRS {row.crs:.3f}, {row.verdict}")
