#!/usr/bin/env python3
"""Prints coco_fixtures.h: masks as pycocotools encodes them. Needs pycocotools and NumPy."""
import numpy as np
from pycocotools import mask as coco

rng = np.random.default_rng(5)
print("/* clang-format off */")
print("/* Made by make_coco_fixtures.py with pycocotools: masks, row after row, with COCO's compressed and plain runs. */")
print("static const struct {\n  uint32_t width, height;\n  const char *mask, *compressed;\n  const char *lengths;\n} fixtures[] = {")
for width, height, kind in [(1, 1, 0.0), (1, 1, 1.0), (5, 3, 0.5), (3, 5, 0.5), (17, 9, 0.3), (40, 30, "disc"),
                            (33, 50, "stripe"), (70, 50, "disc"), (63, 63, 0.02)]:
    y, x = np.mgrid[:height, :width]
    if kind == "disc":
        mask = (x - width * 0.6) ** 2 + (y - height * 0.4) ** 2 < (0.35 * width) ** 2
    elif kind == "stripe":
        mask = (x + y) % 7 < 3
    else:
        mask = rng.random((height, width)) < kind
    mask = np.asfortranarray(mask.astype(np.uint8))
    lengths, current, run = [], 0, 0
    for value in mask.flatten(order="F"):
        if value != current:
            lengths.append(run)
            current, run = value, 0
        run += 1
    lengths.append(run)
    encoded = coco.encode(mask)
    assert (coco.decode(encoded) == mask).all()
    assert coco.frPyObjects({"counts": lengths, "size": [height, width]}, height, width)["counts"] == encoded["counts"]
    quoted = "".join("\\" + c if c in '"\\' else c for c in encoded["counts"].decode()).replace("??", '?""?')
    wrapped = lambda text: '"\n     "'.join(text[i:i + 100] for i in range(0, len(text), 100))
    print('    {%d, %d,\n     "%s",\n     "%s",\n     "%s"},' % (
        width, height, wrapped("".join(map(str, mask.flatten(order="C")))), quoted, wrapped(" ".join(map(str, lengths)))))
print("};")
