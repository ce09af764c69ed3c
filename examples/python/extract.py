# SPDX-License-Identifier: Apache-2.0
"""Reads a representation out: the mean of each channel of a layer, for each image of a folder."""
import sys

import checkrob

if len(sys.argv) != 5:
    print("usage: extract.py MODEL PREPROCESS IMAGES LAYER", file=sys.stderr)
    sys.exit(2)
model_path, preprocess, images, layer = sys.argv[1:]

model = checkrob.open(model_path, preprocess=preprocess)
representations = model.extract(images, layer, pool="mean")

array = representations.array  # [images, channels]; numpy.asarray(array) and torch.from_dlpack(array) share its memory
for name, row in zip(representations.names[:3], array.tolist()):
    print(f"{name}: {row[0]:.3f}, {row[1]:.3f}, {row[2]:.3f} and {len(row) - 3} more")
print(f"{len(array)} images, layer {next(iter(representations))}")
