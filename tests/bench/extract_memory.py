# SPDX-License-Identifier: Apache-2.0
"""Does `checkrob extract` need more memory for more images?

usage: extract_memory.py COMMAND MODEL LAYER IMAGES [COUNT...]

Links the photos of IMAGES again and again into folders of COUNT files (default: 1000 and 10000), extracts each, and
prints peak memory and time. Fails where the array has not as many rows as it should, or where the last COUNT needs much
more memory than the first. Peaks of one and the same extraction lie up to 30 MiB apart, for allocators and threads keep some;
an image's input alone is 0.6 MiB for a network of 224 pixels, and 0.05 MiB for one of 64.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

ALLOWED = 96  # MiB


def link(photos, folder, count):
    os.mkdir(folder)
    for i in range(count):
        photo = photos[i % len(photos)]
        os.symlink(os.path.abspath(photo), "%s/%06d%s" % (folder, i, os.path.splitext(photo)[1]))


def measure(command, model, layer, folder, out):
    """Peak memory in MiB: in a process of its own, whose children's peak is the command's alone."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        line = [command, "extract", "--model", model, "--layer", layer, "--images", folder, "--pool", "mean", "--out", out]
        code = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        os.write(writer, ("%d %d" % (code, peak)).encode())
        os._exit(0)
    os.wait()
    code, peak = os.read(reader, 64).split()
    os.close(reader), os.close(writer)
    assert int(code) == 0, "checkrob extract failed"
    return int(peak) / 1024


def main(command, model, layer, images, *counts):
    photos = sorted(os.path.join(images, name) for name in os.listdir(images))
    peaks = []
    for count in [int(c) for c in counts] or [1000, 10000]:
        with tempfile.TemporaryDirectory() as work:
            link(photos, work + "/images", count)
            start = time.time()
            peak = measure(command, model, layer, work + "/images", work + "/out.npy")
            rows = np.load(work + "/out.npy", mmap_mode="r").shape
            failed = sum(1 for _ in open(work + "/out.failed.csv")) - 1 if os.path.exists(work + "/out.failed.csv") else 0
            assert rows[0] + failed == count, (rows, failed, count)
            print("%6d images: %d rows, %d failed, peak %.0f MiB, %.1f s" % (count, rows[0], failed, peak, time.time() - start),
                  flush=True)
            peaks.append(peak)
    assert peaks[-1] <= peaks[0] + ALLOWED, "memory grows with the number of images"


if __name__ == "__main__":
    main(*sys.argv[1:])
