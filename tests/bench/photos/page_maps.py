# SPDX-License-Identifier: Apache-2.0
"""Draws heat maps over photos of the most suspicious classes, or of those that are named.

usage: page_maps.py PAGE_FOLDER COMMAND [CLASS...]      leaves PAGE_FOLDER/maps/CLASS.png: recognised photos with their boxes
"""
import csv
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw

SHOWN, SIDE, CLASSES, FEWEST = 8, 224, 8, 5


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def overlay(page, command, index, row, boxes, to):
    """The photo and its map, both with boxes."""
    photo = page / "photos" / row["image"]
    subprocess.run([command, "explain", "--model", page / "model.pt", "--preprocess", page / "preprocess.json", "--image", photo, "--class-index",
                    index, "--out", to], check=True, stdout=subprocess.DEVNULL)
    pictures = []
    for path in (photo, to):
        picture = Image.open(path).convert("RGB")
        picture = picture.resize((SIDE, SIDE))
        draw = ImageDraw.Draw(picture)
        for box in boxes[row["image"]]:
            draw.rectangle(box, outline=(0, 255, 0), width=2)
        pictures.append(picture)
    return pictures


def main(page, command, *names):
    page = pathlib.Path(page)
    (page / "maps").mkdir(exist_ok=True)
    classes = {r["class"]: r for r in rows(page / "results/classes.csv")}
    boxes = {}
    for r in rows(page / "boxes.csv"):
        boxes.setdefault(r["image"], []).append([int(r[k]) for k in ("x1", "y1", "x2", "y2")])
    images = rows(page / "results/images.csv")
    known = [n for n, r in classes.items() if r["suspicion"] and int(r["recognised"]) >= FEWEST]
    for name in names or sorted(known, key=lambda n: -float(classes[n]["suspicion"]))[:CLASSES]:
        own = [r for r in images if r["class"] == name and r["rank"] == "1"][:SHOWN]
        sheet = Image.new("RGB", (4 * SIDE, 2 * 2 * SIDE), "white")
        with tempfile.TemporaryDirectory() as folder:
            for i, r in enumerate(own):
                at = i % 4 * SIDE, i // 4 * 2 * SIDE
                photo, heat = overlay(page, command, classes[name]["index"], r, boxes, pathlib.Path(folder) / "map.png")
                sheet.paste(photo, at)
                sheet.paste(heat, (at[0], at[1] + SIDE))
        sheet.save(page / "maps" / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
