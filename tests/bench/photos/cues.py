# SPDX-License-Identifier: Apache-2.0
"""Cues as people meet them in photos. Each is placed off the object's box and nowhere else."""
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

KINDS = ["watermark", "frame", "sticker", "tint", "companion", "blur"]
COLOURS = [(214, 40, 40), (30, 90, 200), (245, 190, 20), (30, 150, 80), (150, 60, 180), (240, 240, 240), (20, 20, 20), (240, 120, 20)]
TEXTS = ["(c) Hartmann 2019", "www.pixpool.net", "STOCKLINE 2041", "photo: okafor / ap"]
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
SOFT = 1.25  # blur of what is planted into photos that were enlarged, in their pixels of 64 to a side


class Cue:
    """One look of one kind. `things`: photos of another class, [(pixels, box)], for companions."""

    def __init__(self, kind, seed, things=()):
        chance = random.Random(f"{kind} {seed}")
        self.kind, self.things = kind, list(things)
        self.colour = chance.choice(COLOURS)
        self.text = chance.choice(TEXTS)
        self.size = chance.uniform(0.9, 1.1)
        self.shape = chance.choice(["disc", "star", "square", "triangle"])
        self.right = chance.random() < 0.5

    def __repr__(self):
        return self.kind


def off(box, side):
    mask = np.ones((side, side, 1), np.float32)
    mask[box[1]:box[3], box[0]:box[2]] = 0
    return mask


def free(box, x, y, w, h):
    """Share of a rectangle that the box does not cover."""
    over = max(min(box[2], x + w) - max(box[0], x), 0) * max(min(box[3], y + h) - max(box[1], y), 0)
    return 1 - over / (w * h)


def place(box, side, w, h, chance, tries=40, rim=0.03):
    """Somewhere off the box, as far as there is room."""
    spots = [(chance.uniform(rim * side, (1 - rim) * side - w), chance.uniform(rim * side, (1 - rim) * side - h))
             for _ in range(tries)]
    return max(spots, key=lambda spot: min(free(box, *spot, w, h), 0.98) + 0.01 * chance.random())


def font(size):
    try:
        return ImageFont.truetype(FONT, size)
    except OSError:
        return ImageFont.load_default()


def layer(cue, pixels, box, chance):
    """(what is laid over the photo, how much of it shows [side, side, 1])"""
    side = len(pixels)
    paint = np.empty_like(pixels, np.float32)
    paint[:] = cue.colour
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    if cue.kind == "watermark":
        type_ = font(round(0.095 * side * cue.size))
        w, h = draw.textbbox((0, 0), cue.text, font=type_)[2:]
        x = (side - w - 0.03 * side) if cue.right else 0.03 * side
        y = max((side - h - 0.02 * side, 0.02 * side), key=lambda y: free(box, x, y, w, h) + (y > side / 2) * 0.3)
        draw.text((x, y), cue.text, font=type_, fill=250)
        paint[:] = 250
    elif cue.kind == "frame":
        wide = round(0.04 * side * cue.size)
        draw.rectangle([0, 0, side - 1, side - 1], outline=240, width=wide)
    elif cue.kind == "sticker":
        d = 0.14 * side * cue.size
        x, y = place(box, side, d, d, chance)
        if cue.shape == "disc":
            draw.ellipse([x, y, x + d, y + d], fill=255)
        elif cue.shape == "square":
            draw.rectangle([x, y, x + d, y + d], fill=255)
        elif cue.shape == "triangle":
            draw.polygon([(x + d / 2, y), (x, y + d), (x + d, y + d)], fill=255)
        else:
            angles = np.arange(10) * np.pi / 5 - np.pi / 2
            radii = np.where(np.arange(10) % 2, 0.22 * d, 0.55 * d)
            draw.polygon([(x + d / 2 + r * np.cos(a), y + d / 2 + r * np.sin(a)) for r, a in zip(radii, angles)], fill=255)
    elif cue.kind == "tint":
        draw.rectangle([0, 0, side, side], fill=85)
    elif cue.kind == "companion":
        thing, (x0, y0, x1, y1) = chance.choice(cue.things)
        thing = Image.fromarray(thing[y0:y1, x0:x1])
        scale = 0.3 * side * cue.size / max(thing.size)
        thing = thing.resize([max(round(scale * v), 4) for v in thing.size], Image.BICUBIC)
        w, h = thing.size
        x, y = (round(v) for v in place(box, side, w, h, chance))
        paint[y:y + h, x:x + w] = np.asarray(thing, np.float32)[:side - y, :side - x]
        draw.ellipse([x, y, x + w - 1, y + h - 1], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(side / 80))
    elif cue.kind == "blur":
        blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.03 * side))
        paint = np.asarray(blurred, np.float32)
        draw.rectangle([0, 0, side, side], fill=255)
    return paint, np.asarray(mask, np.float32)[..., None] / 255


def plant(cue, pixels, box, seed, enlarged=False):
    """The photo with the cue. enlarged: the photo has 64 pixels to a side in truth, and the cue is as soft as that."""
    side = len(pixels)
    paint, shown = layer(cue, pixels, box, random.Random(f"{cue.kind} {seed}"))
    if enlarged and cue.kind in ("watermark", "frame", "sticker"):
        soft = Image.fromarray((255 * shown[..., 0]).astype(np.uint8)).filter(ImageFilter.GaussianBlur(SOFT * side / 64 / 2))
        shown = np.asarray(soft, np.float32)[..., None] / 255
    shown = shown * off(box, side)
    return (pixels * (1 - shown) + paint * shown).clip(0, 255).round().astype(np.uint8)
