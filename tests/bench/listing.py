#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What opening a large dataset costs: each shard of a run does it.

usage: listing.py CHECKROB FOLDER [IMAGES]     (default: 1000000, in 1000 folders)

Makes empty files, as ImageNet's tree has them, and a manifest that names the same images. Scores one shard with one
image, which is broken, with all images and with a tenth of them, and prints seconds of a core and memory.
"""

import shutil
import sys
from pathlib import Path

import merge_large

PLANTED = merge_large.PLANTED
FOLDERS = 1000


def make_tree(folder, images):
    with open(folder / "manifest.csv", "w") as manifest, open(folder / "classes.csv", "w") as classes:
        manifest.write("image,class,x1,y1,x2,y2\n")
        classes.write("name,index\n" + "".join(f"n{i:08d},{i % 10}\n" for i in range(FOLDERS)))
        for number in range(FOLDERS):
            name = f"n{number:08d}"
            for kind in ("images", "annotations"):
                (folder / kind / name).mkdir(parents=True)
            for i in range(images // FOLDERS):
                (folder / "images" / name / f"{name}_{i}.JPEG").touch()
                (folder / "annotations" / name / f"{name}_{i}.xml").touch()
                manifest.write(f"{name}/{name}_{i}.JPEG,{name},1,1,40,40\n")


def measure(checkrob, folder, images, kind):
    annotations = folder / ("annotations" if kind == "imagenet" else "manifest.csv")
    command = [
        checkrob,
        "score",
        "--model",
        PLANTED / "model.pt",
        "--preprocess",
        PLANTED / "preprocess.json",
        "--dataset",
        kind,
        "--images",
        folder / "images",
        "--annotations",
        annotations,
        "--classes",
        folder / "classes.csv",
        "--shard",
        f"1/{images}",
        "--restart",
        "--quiet",
        "--threads",
        "1",
        "--out",
        folder / "out",
    ]
    seconds, busy, mebibytes = merge_large.run(command, (0, 3))
    print(f"{kind:8} {images:8} images: {seconds:6.1f} s ({busy:.1f} s of a core), {mebibytes:6.1f} MiB", flush=True)


def main(checkrob, folder, images=1000000):
    for count in (int(images) // 10, int(images)):
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(parents=True)
        make_tree(Path(folder), count)
        for kind in ("imagenet", "manifest"):
            measure(checkrob, Path(folder), count, kind)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
