#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints coco_fixtures.h: masks as pycocotools encodes them, polygons as it draws them. Needs pycocotools and NumPy."""
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

print("\n/* Polygons in images of 640 x 480, with the compressed runs of pycocotools' masks of them. */")
print("static const struct {\n  double area; /* of the polygon itself */\n  size_t points;\n  double xy[64];\n  const char *compressed;\n} polygons[] = {")
WIDTH, HEIGHT = 640, 480


def star(x, y, radius, corners, roughness):
    angles = np.sort(rng.random(corners)) * 2 * np.pi
    radii = radius * (1 - roughness * rng.random(corners))
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


shapes = [star(x, y, radius, corners, roughness) for x, y, radius, corners, roughness in [
    (320, 240, 230, 32, 0.2), (300, 200, 120, 24, 0.4), (150, 330, 80, 16, 0.6), (500, 100, 50, 12, 0.3),
    (80, 90, 30, 20, 0.2), (420, 380, 15, 9, 0.3), (610, 440, 8, 8, 0.2), (30, 450, 4, 6, 0.2)]]
shapes += [np.array(corners, dtype=float) for corners in [
    [(100, 100), (300, 100), (300, 200), (100, 200)], [(100.5, 100.5), (300.5, 100.5), (300.5, 200.5), (100.5, 200.5)],
    [(20, 20), (620, 460), (620, 463), (20, 23)], [(0, 0), (639.5, 0), (320, 479.5)]]]
for shape in shapes:
    shape = np.round(shape, 2)  # as COCO's files have them
    encoded = coco.merge(coco.frPyObjects([shape.flatten().tolist()], HEIGHT, WIDTH))["counts"].decode()
    x, y = shape.T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    escaped = ["".join("\\" + c if c in '"\\' else c for c in encoded[i:i + 100]).replace("??", '?""?')
               for i in range(0, len(encoded), 100)]
    print('    {%.4f,\n     %d,\n     {%s},\n     "%s"},' % (
        area, len(shape), ", ".join("%g" % v for v in shape.flatten()), '"\n     "'.join(escaped)))
print("};")
