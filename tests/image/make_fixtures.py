#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes fixtures/: encoded images, and what Pillow makes of them.

The library promises Pillow's bytes, so Pillow is the only source of every expectation here. Run it with
Pillow 9.4 and NumPy:

    python3 make_fixtures.py [KANGAROO_IMAGES]

With the folder of the kangaroo photos it also rewrites fixtures/kangaroo.txt, the checksums of those photos.
"""
import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent / "fixtures"
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
manifest = []


def scene(width, height):
    """A picture with gradients, an edge and fine texture; the same on every machine."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 255 * x / max(width - 1, 1)
    green = 127 + 120 * np.sin(x * 0.9) * np.cos(y * 0.7)
    blue = np.where((x - width / 2) ** 2 + (y - height / 3) ** 2 < (height / 3) ** 2, 240, 255 * y / height)
    noise = (x * 7919 + y * 104729) % 31 - 15
    return np.clip(np.stack([red + noise, green, blue - noise], axis=2) + 0.5, 0, 255).astype(np.uint8)


def keep(name, encoded):
    """An encoded image, beside the RGB bytes that Pillow reads from it, upright."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded))).convert("RGB")
    (HERE / name).write_bytes(encoded)
    (HERE / (name + ".rgb")).write_bytes(image.tobytes())
    manifest.append(f"{name} {image.width} {image.height}")


# PNG: Pillow writes few of the kinds, so they are put together by hand.


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_rows(samples, depth):
    """Filter byte 0 and packed samples for each row of samples [height, width, channels]."""
    rows = b""
    for row in samples:
        flat = [int(value) for value in row.reshape(-1)]
        rows += b"\0"
        if depth == 16:
            rows += struct.pack(f">{len(flat)}H", *flat)
            continue
        bits = "".join(format(value, f"0{depth}b") for value in flat)
        bits += "0" * (-len(bits) % 8)
        rows += bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return rows


def png(samples, depth, colour, extra=b"", interlaced=False):
    height, width = samples.shape[:2]
    if interlaced:
        passes = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7]
        data = b"".join(pack_rows(part, depth) for part in passes if part.size)
    else:
        data = pack_rows(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data, 9))
            + chunk(b"IEND"))


def png_samples(depth, channels, width=23, height=17):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return (x * 2654435761 + y * 40503 * (c + 1) + x * y * 97 * (c + 3)) % (1 << depth)


def make_png():
    gray, rgb, indexed, gray_alpha, rgba = 0, 2, 3, 4, 6
    for depth in (1, 2, 4, 8, 16):
        keep(f"gray{depth}.png", png(png_samples(depth, 1), depth, gray))
    dark = png_samples(16, 1) % 400  # 16-bit gray is clipped at 255: the others are nearly all white
    keep("gray16_dark.png", png(dark, 16, gray))
    for depth in (1, 2, 4, 8):
        palette = bytes((i * 37 + c * 91) % 256 for i in range(1 << depth) for c in range(3))
        keep(f"palette{depth}.png", png(png_samples(depth, 1), depth, indexed, chunk(b"PLTE", palette)))
    short = chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 50, 7, 8, 9]))
    keep("palette_short.png", png(png_samples(8, 1), 8, indexed, short))
    keep("palette_trns.png", png(png_samples(2, 1), 2, indexed, chunk(b"PLTE", palette[:12])
                                 + chunk(b"tRNS", bytes([0, 128, 255]))))
    for depth in (8, 16):
        keep(f"gray_alpha{depth}.png", png(png_samples(depth, 2), depth, gray_alpha))
        keep(f"rgb{depth}.png", png(png_samples(depth, 3), depth, rgb))
        keep(f"rgba{depth}.png", png(png_samples(depth, 4), depth, rgba))
    keep("gray_trns.png", png(png_samples(8, 1), 8, gray, chunk(b"tRNS", struct.pack(">H", 7))))
    keep("rgb_trns.png", png(png_samples(8, 3), 8, rgb, chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))))
    keep("rgb_gamma_text.png", png(png_samples(8, 3), 8, rgb, chunk(b"gAMA", struct.pack(">I", 100000))
                                   + chunk(b"tEXt", b"Comment\0x") + chunk(b"sBIT", b"\5\6\5")))
    interlaced = [("gray1", 1, 1, gray), ("gray16", 16, 1, gray), ("palette4", 4, 1, indexed),
                  ("rgb8", 8, 3, rgb), ("rgba16", 16, 4, rgba)]
    for name, depth, channels, colour in interlaced:
        extra = chunk(b"PLTE", palette[:48]) if colour == indexed else b""
        keep(f"{name}_interlaced.png", png(png_samples(depth, channels), depth, colour, extra, True))
    keep("tiny_interlaced.png", png(png_samples(8, 3, 2, 3), 8, rgb, b"", True))
    turned = chunk(b"eXIf", exif(6, ">")[6:])
    sideways = png(png_samples(8, 3), 8, rgb, turned)
    keep("orientation6.png", sideways)
    at = sideways.index(turned)  # the same chunk after the pixels
    sideways = sideways[:at] + sideways[at + len(turned) : -12] + turned + sideways[-12:]
    keep("orientation6_late.png", sideways)
    filtered = io.BytesIO()
    Image.fromarray(scene(23, 17)).save(filtered, "PNG")
    keep("rgb8_filtered.png", filtered.getvalue())


# JPEG: Pillow writes the common kinds; the others are those with a marker changed.


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def without_segment(encoded, marker):
    """Leaves one marker's segment out, before the scan."""
    at = encoded.index(bytes([0xFF, marker]))
    (length,) = struct.unpack(">H", encoded[at + 2 : at + 4])
    return encoded[:at] + encoded[at + 2 + length :]


def adobe(transform):
    return b"\xff\xee\x00\x0eAdobe\x00\x64\0\0\0\0" + bytes([transform])


def exif(tag, endian):
    """A block of EXIF data with one entry, the orientation."""
    entry = struct.pack(endian + "HHIHH", 0x0112, 3, 1, tag, 0)
    header = (b"II*\0" if endian == "<" else b"MM\0*") + struct.pack(endian + "IH", 8, 1)
    return b"Exif\0\0" + header + entry + bytes(4)


def make_jpeg():
    photo = Image.fromarray(scene(23, 17))
    keep("gray.jpg", jpeg(photo.convert("L"), quality=85))
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        keep(f"ycc{name}.jpg", jpeg(photo, quality=85, subsampling=subsampling))
        keep(f"ycc{name}_progressive.jpg", jpeg(photo, quality=85, subsampling=subsampling, progressive=True))
    keep("one_pixel.jpg", jpeg(photo.crop((3, 3, 4, 4)), quality=90))
    wide = Image.fromarray(scene(64, 48))
    keep("wide420.jpg", jpeg(wide, quality=70, subsampling=2))
    for tag in range(1, 9):
        keep(f"orientation{tag}.jpg", jpeg(photo, quality=85, exif=exif(tag, "<" if tag % 2 else ">")))
    keep("orientation9.jpg", jpeg(photo, quality=85, exif=exif(9, "<")))  # none of the eight: ignored
    ycc = jpeg(photo, quality=85, subsampling=0)
    plain = without_segment(ycc, 0xE0)
    keep("rgb_adobe0.jpg", plain[:2] + adobe(0) + plain[2:])
    keep("ycc_adobe1.jpg", plain[:2] + adobe(1) + plain[2:])
    keep("ycc_no_marker.jpg", plain)
    inks = photo.convert("CMYK")
    inks.putdata([(c, m, y, (c * 3 + y) % 256) for c, m, y, _ in inks.getdata()])
    cmyk = without_segment(jpeg(inks, quality=90), 0xEE)
    keep("cmyk_adobe0.jpg", cmyk[:2] + adobe(0) + cmyk[2:])
    keep("ycck_adobe2.jpg", cmyk[:2] + adobe(2) + cmyk[2:])
    keep("cmyk_no_marker.jpg", cmyk)


# WebP: lossy and lossless, with the colours below transparent pixels.


def make_webp():
    photo = Image.fromarray(scene(61, 43))
    alpha = photo.copy()
    alpha.putalpha(Image.fromarray((scene(61, 43)[:, :, 1] // 100 * 100).astype(np.uint8)))

    def webp(image, **options):
        out = io.BytesIO()
        image.save(out, "WEBP", **options)
        return out.getvalue()

    keep("lossy.webp", webp(photo, quality=70))
    keep("lossless.webp", webp(photo, lossless=True))
    keep("alpha.webp", webp(alpha, quality=70))
    keep("alpha_lossless.webp", webp(alpha, lossless=True, exact=True))
    keep("orientation6.webp", webp(photo, quality=70, exif=exif(6, "<")))
    (HERE / "animated.webp").write_bytes(webp(photo, save_all=True, append_images=[photo.rotate(180)]))


# BMP: Pillow writes the common kinds, the others are put together by hand.


def bmp(width, height, bits, rows, kind=0, masks=(), palette=b"", top_down=False):
    header = struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, kind, 0, 0, 0, 0, 0)
    extra = struct.pack(f"<{len(masks)}I", *masks) + palette
    return b"BM" + struct.pack("<IHHI", 14 + len(header + extra + rows), 0, 0, 14 + len(header + extra)) + header + extra + rows


def make_bmp():
    photo = Image.fromarray(scene(23, 17))
    for name, image in (("rgb", photo), ("gray", photo.convert("L")), ("palette", photo.quantize(200)),
                        ("bits1", photo.convert("1")), ("rgba", photo.convert("RGBA"))):
        out = io.BytesIO()
        image.save(out, "BMP")
        keep(f"{name}.bmp", out.getvalue())
    state = np.random.RandomState(7)
    rows = state.bytes(17 * 48)  # 23 pixels of 16 bits, and padding
    keep("bits16.bmp", bmp(23, 17, 16, rows))
    keep("bits565.bmp", bmp(23, 17, 16, rows, 3, (0xF800, 0x07E0, 0x001F)))
    keep("bits32.bmp", bmp(23, 17, 32, state.bytes(17 * 92)))
    keep("masks32.bmp", bmp(23, 17, 32, state.bytes(17 * 92), 3, (0xFF0000, 0xFF00, 0xFF)))
    keep("top_down.bmp", bmp(23, 17, 24, state.bytes(17 * 72), top_down=True))
    keep("bits4.bmp", bmp(23, 17, 4, state.bytes(17 * 12), palette=state.bytes(64)))
    old = struct.pack("<IHHHH", 12, 23, 17, 1, 8) + state.bytes(768)
    body = state.bytes(17 * 24)
    keep("os2.bmp", b"BM" + struct.pack("<IHHI", 14 + len(old + body), 0, 0, 14 + len(old)) + old + body)
    (HERE / "compressed.bmp").write_bytes(bmp(23, 17, 8, bytes(600), 1, palette=bytes(1024)))


# Resizes: of scene(61, 43), which is kept as raw bytes.


def make_resizes():
    source = scene(61, 43)
    (HERE / "resize_source.rgb").write_bytes(source.tobytes())
    lines = []
    for width, height in ((30, 21), (20, 43), (61, 17), (97, 71), (1, 1), (7, 90), (130, 5), (61, 43)):
        for name, method in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
            file = f"resize_{width}x{height}_{name}.rgb"
            resized = Image.fromarray(source).resize((width, height), method)
            (HERE / file).write_bytes(resized.tobytes())
            lines.append(f"{file} {width} {height} {name}")
    (HERE / "resizes.txt").write_text("\n".join(lines) + "\n")


# Preprocessing: torchvision's Resize, CenterCrop, ToTensor and Normalize in so many words.


def shorter_side(size, side):
    width, height = size
    if width <= height:
        return side, int(side * height / width)
    return int(side * width / height), side


def preprocess(image, size, crop, method, mean, std):
    image = image.resize(size, method) if size else image
    crop_height, crop_width = crop
    left = int(round((image.width - crop_width) / 2.0))
    top = int(round((image.height - crop_height) / 2.0))
    image = image.crop((left, top, left + crop_width, top + crop_height))
    values = np.asarray(image).transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    mean = np.asarray(mean, np.float32)[:, None, None]
    std = np.asarray(std, np.float32)[:, None, None]
    return np.ascontiguousarray((values - mean) / std, "<f4")


def make_tensors():
    photo = jpeg(Image.fromarray(scene(330, 247)), quality=60)
    (HERE / "photo.jpg").write_bytes(photo)
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    imagenet = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    paper = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
    small = {"resize": 49, "crop": [40, 38], "filter": "bicubic", "mean": imagenet[0], "std": imagenet[1]}
    exact = {"resize": [45, 70], "crop": [40, 60]}
    no_resize = {"crop": [33, 21], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    zero, one = (0, 0, 0), (1, 1, 1)
    cases = [
        ("imagenet", preprocess(image, shorter_side(image.size, 256), (224, 224), Image.BILINEAR, *imagenet)),
        ("paper", preprocess(image, shorter_side(image.size, 224), (224, 224), Image.BILINEAR, *paper)),
        (json.dumps(small), preprocess(image, shorter_side(image.size, 49), (40, 38), Image.BICUBIC, *imagenet)),
        (json.dumps(exact), preprocess(image, (70, 45), (40, 60), Image.BILINEAR, zero, one)),
        (json.dumps(no_resize), preprocess(image, None, (33, 21), None, no_resize["mean"], no_resize["std"])),
    ]
    lines = [f"{zlib.crc32(tensor.tobytes()):08x} {name}" for name, tensor in cases]
    (HERE / "tensors.txt").write_text("\n".join(lines) + "\n")
    # One in full, for whoever has to find out what differs.
    (HERE / "tensor_small.f32").write_bytes(cases[2][1].tobytes())
    (HERE / "tensor_small.json").write_text(json.dumps(small) + "\n")


def make_kangaroo(folder):
    lines = []
    for path in sorted(folder.iterdir()):
        image = Image.open(path)
        try:
            image = image.convert("RGB")
        except OSError:
            lines.append(f"{path.name} truncated")
            continue
        sums = [image.tobytes()]
        for side, method in ((224, Image.BILINEAR), (256, Image.BILINEAR), (256, Image.BICUBIC)):
            sums.append(image.resize(shorter_side(image.size, side), method).tobytes())
        checksums = " ".join(f"{zlib.crc32(data):08x}" for data in sums)
        lines.append(f"{path.name} {image.width} {image.height} {checksums}")
    (HERE / "kangaroo.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    make_png()
    make_jpeg()
    make_webp()
    make_bmp()
    (HERE / "images.txt").write_text("\n".join(manifest) + "\n")
    make_resizes()
    make_tensors()
    if len(sys.argv) > 1:
        make_kangaroo(Path(sys.argv[1]))
