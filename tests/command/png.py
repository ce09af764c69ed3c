#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes PNGs that no drawing program would, for the scripts of the command's tests.

usage: png.py huge FILE                                 a header that promises 20000 x 20000 pixels, and one empty chunk
       png.py mask FILE SIDE LEFT TOP RIGHT BOTTOM      a palette image of SIDE x SIDE class numbers: 2 in this box,
                                                        edges included; elsewhere 255 (counts neither way) in row 0,
                                                        and 0 below
"""
import struct
import sys
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width, height, colour):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))


def huge():
    return SIGNATURE + header(20000, 20000, 2) + chunk(b"IDAT", b"")


def mask(side, left, top, right, bottom):
    def number(x, y):
        if left <= x <= right and top <= y <= bottom:
            return 2
        return 255 if y == 0 else 0

    rows = b"".join(b"\0" + bytes(number(x, y) for x in range(side)) for y in range(side))
    palette = chunk(b"PLTE", bytes(3 * 256))
    return SIGNATURE + header(side, side, 3) + palette + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    make = {"huge": huge, "mask": mask}[sys.argv[1]]
    with open(sys.argv[2], "wb") as file:
        file.write(make(*map(int, sys.argv[3:])))
