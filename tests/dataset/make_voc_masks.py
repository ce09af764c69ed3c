#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes masks of numbers into a folder, and beside each, as NAME.raw, the numbers that Pillow reads from it.

    make_voc_masks.py FOLDER [PNG]...

The PNGs are copied as they are. Prints the names, each with width and height. Exit code 77: there is no Pillow.
"""
import pathlib
import random
import shutil
import sys

try:
    from PIL import Image
except ImportError:
    sys.exit(77)

folder = pathlib.Path(sys.argv[1])
generator = random.Random(4)


def voc_palette():
    """VOC's own colours: the bits of a number, spread over red, green and blue."""
    colours = []
    for number in range(256):
        colour = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                colour[channel] |= (number >> (3 * bit + channel) & 1) << (7 - bit)
        colours += colour
    return colours


def keep(name):
    image = Image.open(folder / name)
    (folder / (name + ".raw")).write_bytes(image.tobytes())
    assert image.mode in "PL" and len(image.tobytes()) == image.width * image.height, (name, image.mode)
    print(name, image.width, image.height)


def write(name, width, height, most, mode="P", **options):
    """Blobs of numbers up to `most`, with a rim of `most` between them."""
    image = Image.new(mode, (width, height))
    if mode == "P":
        image.putpalette(voc_palette())
    seeds = [(generator.randrange(width), generator.randrange(height), generator.randrange(most + 1))
             for _ in range(9)]
    for y in range(height):
        for x in range(width):
            near = sorted(((x - a) ** 2 + (y - b) ** 2, number) for a, b, number in seeds)
            image.putpixel((x, y), most if near[1][0] - near[0][0] < 6 else near[0][1])
    image.save(folder / name, **options)
    keep(name)


write("p8.png", 61, 43, 255)
write("p8_one_column.png", 1, 40, 255)
write("p8_optimised.png", 50, 31, 20, optimize=True)
write("p8_transparent.png", 33, 47, 255, transparency=0)
write("p8_transparencies.png", 33, 47, 255, transparency=bytes(range(256)))
for bits in (1, 2, 4):
    write(f"p{bits}.png", 29, 17, 2 ** bits - 1, bits=bits)
    write(f"p{bits}_transparent.png", 31, 9, 2 ** bits - 1, bits=bits, transparency=1)
write("l8.png", 40, 40, 255, mode="L")
for path in sys.argv[2:]:
    shutil.copy(path, folder)
    keep(pathlib.Path(path).name)
