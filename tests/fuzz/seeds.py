#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds that are not text, in a folder for each harness: seeds.py FOLDER

Those that are text are in tests/fuzz/seeds. Without Pillow there are no images but those of tests/image/fixtures."""

import io
import shutil
import struct
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "image" / "fixtures"
XML = (HERE / "seeds/voc/boxes.xml").read_bytes()
LARGEST = 4096


def pictures():
    """Pairs of name and image file, all small."""
    for path in sorted(FIXTURES.iterdir()):
        if path.suffix in (".png", ".jpg", ".webp", ".bmp") and path.stat().st_size <= LARGEST:
            yield path.name, path.read_bytes()
    try:
        from PIL import Image
    except ImportError:
        return
    image = Image.new("RGB", (9, 7))
    image.putdata([(i % 256, 7 * i % 256, 31 * i % 256) for i in range(63)])
    exif = Image.Exif()
    exif[0x112] = 6  # the orientation
    kinds = [("progressive.jpg", {"progressive": True}), ("exif.jpg", {"exif": exif}), ("exif.png", {"exif": exif}),
             ("lossy.webp", {"quality": 50}), ("lossless.webp", {"lossless": True, "exif": exif}), ("plain.bmp", {}),
             ("plain.gif", {}), ("plain.tif", {})]
    for name, options in kinds:
        file = io.BytesIO()
        try:
            image.save(file, {"jpg": "JPEG", "tif": "TIFF"}.get(name[-3:], name.split(".")[1].upper()), **options)
        except (KeyError, OSError):  # a Pillow without this format
            continue
        yield name, file.getvalue()
    for mode in ("1", "L", "P", "RGBA"):
        file = io.BytesIO()
        image.convert(mode).save(file, "BMP")
        yield f"{mode}.bmp", file.getvalue()


def masks():
    """PNGs of 32 x 24 numbers."""
    try:
        from PIL import Image
    except ImportError:
        return
    for mode, numbers in [("P", (0, 1, 2, 255)), ("L", (0, 255)), ("1", (0, 255)), ("L", (0,))]:
        image = Image.new(mode, (32, 24))
        image.putdata([numbers[(x // 8 + y // 8) % len(numbers)] for y in range(24) for x in range(32)])
        if mode == "P":
            image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
        file = io.BytesIO()
        image.save(file, "PNG")
        yield f"{mode}{len(numbers)}.png", file.getvalue()


def tar(form, members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()[:8192]  # without most of the zeros at the end


def tars():
    png = (FIXTURES / "gray1.png").read_bytes()
    members = [("./a.png", png), ("a.xml", XML), ("b/c.png", png), ("b/c.cls", b"1\n"), ("b/d.seg.png", png)]
    long = [("x" * 120 + "/" + "y" * 90 + ".png", png), ("\u00e4.png", png)]
    yield "ustar", tar(tarfile.USTAR_FORMAT, members)
    yield "gnu", tar(tarfile.GNU_FORMAT, members + long)
    yield "pax", tar(tarfile.PAX_FORMAT, members + long)


def regions():
    """Programs of harness/regions.c: what to prepare, flags, width, height, then shapes."""
    def small(*numbers):
        return bytes(int((n + 8) * 4) for n in numbers)

    def exact(*numbers):
        return b"".join(b"\xff" + struct.pack("<d", n) for n in numbers)

    head = bytes([0, 0, 31, 23])
    yield "box", head + b"\x00" + small(1, 2, 20.5, 11)
    yield "relative", bytes([1, 1, 31, 23]) + b"\x00" + exact(0.1, 0.2, 0.9, 0.8)
    yield "polygon", head + b"\x02\x04" + small(1, 1, 30, 2, 20, 20, 3, 15)
    yield "star", head + b"\x02\x05" + small(5, 20, 15, 1, 25, 20, 1, 8, 29, 8)
    yield "drawn", bytes([1, 24, 31, 23]) + b"\x02\x05" + small(5, 20, 15, 1, 25, 20, 1, 8, 29, 8) + b"\x00" + small(0, 0, 9, 9)
    yield "drawn_mask", bytes([2, 28, 15, 15]) + b"\x03\x10\x10" + bytes(i % 5 for i in range(256))
    yield "mask", bytes([0, 0, 7, 7]) + b"\x03\x08\x08" + bytes(i % 3 for i in range(64))
    yield "huge", head + b"\x00" + exact(-1e308, -1e300, 1e308, 1e-320) + b"\x02\x03" + exact(-1e9, 5, 1e18, 6, 7, 1e308)
    yield "long", bytes([3, 2, 255, 2]) + b"\x00" + exact(100, 0, 9000, 2) + b"\x02\x03" + exact(0, 0, 16000, 1, 50, 3)


def results():
    """Changes of harness/results.c: a position, a number of bytes, and these."""
    yield "same", b""
    yield "page_size", struct.pack("<IB", 16, 2) + b"\x02\x00"
    yield "version", struct.pack("<IB", 60, 4) + b"\x00\x00\x00\x09"
    yield "log", struct.pack("<IB", 18, 2) + b"\x02\x02"
    yield "page", struct.pack("<IB", 4096, 8) + b"\x0d\x00\x00\x00\x01\x0f\xff\x00"
    yield "not_a_database", b"SQLite format 3\0" + bytes(100)


def worker():
    """What a worker says of a model (backend/description_put.c): integers, and texts after their lengths."""

    def numbers(*values):
        return struct.pack(f"<{len(values)}q", *values)

    def text(value):
        return numbers(len(value)) + value.encode() + b"\0"

    def shape(*sides):
        return numbers(len(sides), *sides, *[0] * (8 - len(sides)))

    head = numbers(1000, 3, 1) + text("It ends in softmax.")
    output = text("0") + shape(1, 1000) + numbers(1000, 1)
    layer = text("layer4.conv") + text("Conv2d") + shape(1, 512, 7, 7) + numbers(1, 1, 1, 512, 7, 7, 0)
    pair = text("pair") + text("Pair") + numbers(-1, *[0] * 8) + numbers(0, 0, 0, 0, 0, 0, 0)
    yield "model", head + numbers(1) + output + numbers(2, 0) + layer + pair
    yield "no_layer", head + numbers(1) + output + numbers(0, 0)
    yield "many", head + numbers(1) + output + numbers(1 << 40, 0) + layer


def main(folder):
    harnesses = {"image": pictures, "masks": masks, "tar": tars, "regions": regions, "results": results, "worker": worker}
    for harness, seeds in harnesses.items():
        to = Path(folder) / harness
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        for name, data in seeds():
            (to / name).write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
