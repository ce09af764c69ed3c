# SPDX-License-Identifier: Apache-2.0
"""Explains one image in memory: which part of it speaks for a class?"""
import sys

import numpy as np
from PIL import Image

import checkrob

if len(sys.argv) != 5:
    print("usage: explain.py MODEL PREPROCESS IMAGE CLASS-INDEX", file=sys.stderr)
    sys.exit(2)
model_path, preprocess, image_path, class_index = sys.argv[1:]

model = checkrob.open(model_path, preprocess=preprocess)
explanation = model.explain(Image.open(image_path), int(class_index))  # Grad-CAM++ at the layer "auto"

saliency = np.asarray(explanation.map)  # no copy: the library's memory
row, column = np.unravel_index(saliency.argmax(), saliency.shape)
height, width = saliency.shape
logit = explanation.logits[explanation.target]
print(f"class {explanation.target}, logit {logit:.3f}, layer {explanation.layer}")
print(f"the map has {height} x {width} positions; the brightest is in row {row}, column {column}")
