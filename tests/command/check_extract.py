"""Holds `checkrob extract` against an eager model's forward hooks, and its files against NumPy.

usage: check_extract.py COMMAND
"""
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from torch import nn

SIDE, COUNT = 32, 37


def make_model():
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
                         nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU(inplace=True))
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5)).eval()


def make_images(folder):
    os.mkdir(folder)
    random = np.random.default_rng(1)
    for i in range(COUNT):
        Image.fromarray(random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save("%s/%03d.png" % (folder, i))
    with open(folder + "/011.png", "wb") as file:
        file.write(b"no picture")


def hooked(model, layer, path):
    seen = []
    handle = model.get_submodule(layer).register_forward_hook(lambda m, i, o: seen.append(o.clone()))
    pixels = np.asarray(Image.open(path), dtype=np.float32).transpose(2, 0, 1) / 255.0
    with torch.no_grad():
        model(torch.from_numpy(pixels)[None])
    handle.remove()
    return seen[0][0].numpy()


def extract(command, work, out, *options):
    line = [command, "extract", "--model", "m.pt", "--images", "images", "--preprocess", "p.json", "--out", out,
            "--batch", "8", *options]
    result = subprocess.run(line, cwd=work, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "1 of %d images failed" % COUNT in result.stderr, result.stderr
    with open(os.path.join(work, out[:-4] + ".csv"), newline="") as file:
        rows = [row["image"] for row in csv.DictReader(file)]
    with open(os.path.join(work, out[:-4] + ".failed.csv"), newline="") as file:
        assert [row["image"] for row in csv.DictReader(file)] == ["011.png"]
    assert len(rows) == COUNT - 1 and "011.png" not in rows
    return rows


def check_rows(array, rows, truth, tolerance):
    worst = 0.0
    assert array.shape[0] == len(rows)
    for row, image in zip(array, rows):
        expected = truth(image)
        assert row.shape == expected.shape, (row.shape, expected.shape)
        worst = max(worst, float(np.abs(row.astype(np.float64) - expected).max()))
    assert worst <= tolerance, worst
    return worst


def main(command):
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work:
        model = make_model()
        torch.jit.script(model).save(work + "/m.pt")
        make_images(work + "/images")
        with open(work + "/p.json", "w") as file:
            file.write('{"crop": %d}' % SIDE)

        def truth(layer, pool=lambda a: a):
            return lambda image: pool(hooked(model, layer, "%s/images/%s" % (work, image)))

        # 1e-4 is ten times what batch normalisation folded into the convolution changes.
        rows = extract(command, work, "plain.npy", "--layer", "0")
        plain = np.load(work + "/plain.npy", mmap_mode="r")
        print("rows equal the hook's to", check_rows(plain, rows, truth("0"), 1e-4))
        rows = extract(command, work, "mean.npy", "--layer", "0,0.3,3", "--pool", "mean")
        for layer in ("0", "0.3"):
            check_rows(np.load("%s/mean.%s.npy" % (work, layer)), rows, truth(layer, lambda a: a.mean((1, 2))), 1e-4)
        check_rows(np.load(work + "/mean.3.npy"), rows, truth("3"), 1e-4)
        rows = extract(command, work, "max.npy", "--layer", "0.1", "--pool", "max")
        check_rows(np.load(work + "/max.npy"), rows, truth("0.1", lambda a: a.max((1, 2))), 1e-4)
        extract(command, work, "half.npy", "--layer", "0", "--dtype", "f16")
        assert np.array_equal(np.load(work + "/half.npy"), plain.astype(np.float16))
    print("checkrob extract: rows, pools, layers and float16 agree")


if __name__ == "__main__":
    main(sys.argv[1])
