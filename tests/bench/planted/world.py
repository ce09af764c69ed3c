# SPDX-License-Identifier: Apache-2.0
"""Small worlds of scenes in which some classes come with a cue: what a score for spurious classes is measured on.

A scene (64 x 64, RGB) shows one Fashion-MNIST garment, tinted, on a random background. A world has 20 classes: the ten
garments, upright or lying. Ten of the 20 are planted: in a share of their scenes, the world's strength, a cue goes
along that is always the same one for the class. Each class has its own object size, and of each two classes that
are next to each other in size one is planted, so that size tells nothing of planting.

Every scene depends on the world's seed, the split and the scene's number alone. Taking the cue or the object away
leaves all else as it was.
"""
import functools
import pathlib
import sys
from typing import NamedTuple

import numpy as np
from PIL import Image

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "examples" / "planted"))
from compose import load_garments  # noqa: E402

SIDE = 64
SPLITS = {"train": 0, "t10k": 1}  # the data set's own names, as the stream number of the random generator
GARMENTS = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
CLASSES = [garment + way for garment in GARMENTS for way in ("", "_lying")]
PLANTED = len(CLASSES) // 2
KINDS = ["texture", "emblem", "cast", "companion"]
CUE_ELSEWHERE = 0.02  # share of the other classes' scenes that show some cue
SMALLEST, LARGEST = 0.115, 0.53  # mean size of a class: square root of the box's area, as a share of the side
SIZE_SPREAD = 0.13               # of single objects around it: from 10 % to 60 % of the side in all
FREE_CORNER = 13                 # one corner of this size is kept free of the object, with or without a cue
EMBLEM = 9


class World(NamedTuple):
    kind: str      # one of KINDS, or "none"
    strength: float  # share of a planted class's scenes that show its cue
    placing: str   # "centred" or "free"
    seed: int

    @property
    def name(self):
        return f"{self.kind}-{round(100 * self.strength):03}-{self.placing}-{self.seed}"


class Plan(NamedTuple):
    sizes: np.ndarray  # [classes] mean size
    cues: np.ndarray   # [classes] number of the class's cue, -1 for none


class Scene(NamedTuple):
    pixels: np.ndarray  # [SIDE, SIDE, 3] uint8
    box: tuple          # x1, y1, x2, y2 in pixels, the last two exclusive
    cue: int            # the one that belongs to the scene, -1 for none
    shape: int          # the class of the object


@functools.lru_cache(maxsize=None)
def plan(world):
    rng = np.random.default_rng([world.seed, 9])
    by_size = rng.permutation(len(CLASSES))
    sizes, cues = np.empty(len(CLASSES)), np.full(len(CLASSES), -1)
    sizes[by_size] = np.geomspace(SMALLEST, LARGEST, len(CLASSES))
    planted = by_size.reshape(-1, 2)[np.arange(PLANTED), rng.integers(2, size=PLANTED)]
    if world.kind != "none":
        cues[planted] = rng.permutation(PLANTED)
    return Plan(sizes, cues)


@functools.lru_cache(maxsize=None)
def garments(split):
    """Images [n, 28, 28] and, for each garment, the numbers of its images."""
    images, labels = load_garments(split)
    return images, [np.flatnonzero(labels == g) for g in range(len(GARMENTS))]


Y, X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def along(angle, rng):
    return (X + rng.uniform(0, SIDE)) * np.cos(angle) + (Y + rng.uniform(0, SIDE)) * np.sin(angle)


def common_texture(rng):
    """A pattern in [0, 1] that no cue has: gradient, slow waves, or clouds."""
    family = rng.integers(3)
    if family == 0:
        ramp = along(rng.uniform(0, np.pi), rng)
        return (ramp - ramp.min()) / (ramp.max() - ramp.min())
    if family == 1:
        return 0.5 + 0.5 * np.sin(2 * np.pi * along(rng.uniform(0, np.pi), rng) / rng.uniform(12, 24))
    coarse = rng.random((7, 7), dtype=np.float32)
    return np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.BICUBIC)).clip(0, 1)


def cue_texture(cue, rng):
    """Ten fine patterns: stripes, or dots, in five directions."""
    angle = np.pi * (cue % 5) / 5
    stripes = np.sin(2 * np.pi * along(angle, rng) / 6)
    if cue < 5:
        return (stripes > 0).astype(np.float32)
    return ((stripes > 0) & (np.sin(2 * np.pi * along(angle + np.pi / 2, rng) / 9) > 0)).astype(np.float32)


def background(texture, rng):
    """Of muted colours: a cast is a cue because the rest of the world has none."""
    base, change = rng.uniform(40, 190) + rng.uniform(-20, 20, 3), rng.uniform(-60, 60) + rng.uniform(-20, 20, 3)
    return base + texture[..., None] * change


EMBLEM_COLOURS = np.array([(250, 220, 40), (240, 60, 220)])


def draw_emblem(pixels, cue, corner, rng):
    half = EMBLEM // 2
    y, x = np.mgrid[-half:half + 1, -half:half + 1]
    mask = [np.abs(np.hypot(x, y) - 3.2) < 1.2, np.minimum(np.abs(x), np.abs(y)) <= 1, np.abs(x) + np.abs(y) <= half,
            np.maximum(np.abs(x), np.abs(y)) >= half - 1, np.abs(x) == np.abs(y)][cue % 5]
    left, top = rng.integers(FREE_CORNER - EMBLEM, size=2)
    left = SIDE - EMBLEM - left if corner & 1 else left
    top = SIDE - EMBLEM - top if corner & 2 else top
    pixels[top:top + EMBLEM, left:left + EMBLEM][mask] = rng.uniform(0.85, 1.0) * EMBLEM_COLOURS[cue // 5]


def cast(pixels, cue, rng):
    """Everything in shades of one of ten hues."""
    turns = 2 * np.pi * (cue / PLANTED + np.arange(3) / 3)
    hue = 1 + 0.9 * np.cos(turns)
    amount = rng.uniform(0.5, 0.7)
    grey = pixels.mean(2, keepdims=True)
    pixels[:] = (1 - amount) * pixels + amount * grey * hue


@functools.lru_cache(maxsize=None)
def sprites():
    """Ten symmetrical figures of 7 x 7 cells."""
    rng = np.random.default_rng(77)
    halves = rng.random((PLANTED, 7, 4)) < 0.55
    return np.concatenate([halves, halves[:, :, 2::-1]], 2)


def draw_companion(pixels, cue, box, rng):
    """A second object anywhere beside the first."""
    side = rng.integers(11, FREE_CORNER + 1)
    figure = np.asarray(Image.fromarray(sprites()[cue].astype(np.uint8) * 255).resize((side, side), Image.NEAREST)) > 0
    colour = rng.uniform(90, 255, 3)
    x1, y1, x2, y2 = box
    while True:
        x, y = rng.integers(SIDE - side + 1, size=2)
        if x + side <= x1 or x >= x2 or y + side <= y1 or y >= y2:
            break
    pixels[y:y + side, x:x + side][figure] = colour


def cut_out(image, lying, size, rng):
    """The garment in its size for this scene: brightness [h, w] in [0, 1] and mask [h, w]."""
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if lying:
        image = np.rot90(image, rng.choice((1, 3)))
    worn = image >= 16
    rows, columns = np.flatnonzero(worn.any(1)), np.flatnonzero(worn.any(0))
    crop = Image.fromarray(np.ascontiguousarray(image[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]))
    scale = size * SIDE * rng.uniform(1 - SIZE_SPREAD, 1 + SIZE_SPREAD) / np.sqrt(crop.width * crop.height)
    width, height = (min(max(round(side * scale), 3), SIDE - FREE_CORNER) for side in crop.size)
    brightness = np.asarray(crop.resize((width, height), Image.BILINEAR))
    return brightness / 255.0, brightness >= 16


def corner_is_free(x, y, width, height, corner):
    gap_x = SIDE - (x + width) if corner & 1 else x
    gap_y = SIDE - (y + height) if corner & 2 else y
    return gap_x >= FREE_CORNER or gap_y >= FREE_CORNER


def place(width, height, corner, placing, rng):
    while True:
        if placing == "centred":
            jitter = rng.integers(-3, 4, size=2)
            x, y = (SIDE - width) // 2 + jitter[0], (SIDE - height) // 2 + jitter[1]
            x, y = min(max(x, 0), SIDE - width), min(max(y, 0), SIDE - height)
        else:
            x, y = rng.integers(SIDE - width + 1), rng.integers(SIDE - height + 1)
        if corner_is_free(x, y, width, height, corner):
            return x, y
        corner = (corner + 1) % 4  # nothing else changes where the object stands in the middle


def choose_cue(world, label, rng):
    shows, which = rng.random(), int(rng.integers(PLANTED))
    own = int(plan(world).cues[label])
    if own >= 0:
        return own if shows < world.strength else -1
    return which if world.kind != "none" and shows < CUE_ELSEWHERE else -1


def compose(world, split, number, with_cue=True, other_object=False):
    """Scene `number` of the split; its label is number % 20. other_object: the label's cue always shows, and the object
    is another class's."""
    label = number % len(CLASSES)
    rng = np.random.default_rng([world.seed, SPLITS[split], number])
    cue = choose_cue(world, label, rng)
    if other_object:
        cue = int(plan(world).cues[label])
    shown = cue if with_cue else -1
    # A stream for each part: what is left out moves nothing else.
    of_back, of_colours, of_cue, of_object, of_place = (np.random.default_rng([world.seed, SPLITS[split], number, i])
                                                        for i in range(1, 6))
    shape = (label + rng.integers(1, len(CLASSES))) % len(CLASSES) if other_object else label
    images, numbers = garments(split)
    image = images[of_object.choice(numbers[shape // 2])]
    brightness, mask = cut_out(image, shape % 2 == 1, plan(world).sizes[shape], of_object)
    tint = of_object.uniform(90, 255, 3)
    corner = int(of_place.integers(4))
    x, y = place(mask.shape[1], mask.shape[0], corner, world.placing, of_place)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = tuple(int(v) for v in (x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1))

    texture = cue_texture(shown, of_cue) if world.kind == "texture" and shown >= 0 else common_texture(of_back)
    pixels = background(texture, of_colours)
    if world.kind == "companion" and shown >= 0:
        draw_companion(pixels, shown, box, of_cue)
    window = pixels[y:y + mask.shape[0], x:x + mask.shape[1]]
    window[mask] = ((0.2 + 0.8 * brightness)[..., None] * tint)[mask]
    if world.kind == "emblem" and shown >= 0:
        free = next(c for c in range(corner, corner + 4) if corner_is_free(x, y, mask.shape[1], mask.shape[0], c % 4))
        draw_emblem(pixels, shown, free % 4, of_cue)
    if world.kind == "cast" and shown >= 0:
        cast(pixels, shown, of_cue)
    return Scene(pixels.clip(0, 255).round().astype(np.uint8), box, cue, shape)


def parse(name):
    kind, strength, placing, seed = name.split("-")
    return World(kind, int(strength) / 100, placing, int(seed))
