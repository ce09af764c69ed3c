# SPDX-License-Identifier: Apache-2.0
"""Draws docs/score.png: every class of a set of worlds, by its object's size and its score, for plain CRS and for the robustness.

usage: picture.py FOLDER SET OUT.png       after report.py, which leaves the classes' scores in the worlds' folders
"""
import sys

from PIL import Image, ImageDraw, ImageFont

import report
from worlds import SETS

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 460, 330, 52, 34, 44
SPURIOUS, SOUND = (205, 40, 40), (60, 110, 190)
PANELS = [("plain", "crs", "CRS of the paper's map", (0.0, 1.0), (0, 0.5, 1)),
          ("default", "robustness", "robustness", (-12.0, 6.0), (-10, -5, 0, 5))]
SIZES = (0.08, 0.16, 0.32, 0.64)


class Read(report.World):
    """As report.py left it, without scoring again."""

    def __init__(self, folder, name):
        self.name, self.kind = name, name.split("-")[0]
        self.truth = {row["class"]: row for row in report.rows(f"{folder}/{name}/truth.csv")}
        self.classes = sorted(self.truth)
        self.runs = {run: {row["class"]: row for row in report.rows(f"{folder}/{name}/{run}/classes.csv")}
                     for run in report.RUNS}


def panel(draw, x0, worlds, run, column, title, limits, marks):
    from math import log
    inner_w, inner_h = WIDTH - LEFT - 12, HEIGHT - TOP - BOTTOM
    x = lambda size: x0 + LEFT + inner_w * log(size / SIZES[0]) / log(SIZES[-1] / SIZES[0])
    y = lambda value: TOP + inner_h * (1 - (min(max(value, limits[0]), limits[1]) - limits[0]) / (limits[1] - limits[0]))
    font = ImageFont.load_default()
    draw.rectangle([x0 + LEFT, TOP, x0 + LEFT + inner_w, TOP + inner_h], outline=(120, 120, 120))
    draw.text((x0 + LEFT, 12), title, fill=(0, 0, 0), font=font)
    for size in SIZES:
        draw.text((x(size) - 8, TOP + inner_h + 6), f"{100 * size:.0f} %", fill=(60, 60, 60), font=font)
    draw.text((x0 + LEFT + inner_w / 2 - 70, HEIGHT - 18), "object's side, of the image's", fill=(60, 60, 60), font=font)
    for mark in marks:
        draw.text((x0 + 18, y(mark) - 6), f"{mark:g}", fill=(60, 60, 60), font=font)
        draw.line([x0 + LEFT, y(mark), x0 + LEFT + inner_w, y(mark)], fill=(225, 225, 225))
    dots = [(w.is_spurious(c), w.number(c, "size"), w.score(run, column, c)) for w in worlds for c in w.classes]
    for spurious, size, value in sorted(dots):
        px, py = x(size), y(value)
        draw.ellipse([px - 3, py - 3, px + 3, py + 3], fill=SPURIOUS if spurious else SOUND, outline=(255, 255, 255))


def main(folder, name, out):
    worlds = [Read(folder, world) for world in SETS[name]]
    image = Image.new("RGB", (WIDTH * len(PANELS), HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    for i, (run, column, title, limits, marks) in enumerate(PANELS):
        panel(draw, i * WIDTH, worlds, run, column, title, limits, marks)
    image.save(out, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
