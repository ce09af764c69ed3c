#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What int8 products that saturate do to logits: docs/compatibility.md, "int8 and the processor".

usage: int8.py

Quantises the network of examples/planted to int8, calibrated on its 200 scenes, with 8-bit activations (the qconfig
"qnnpack") and with 7-bit ones (the same with reduce_range). Compares the logits that oneDNN computes on this processor,
which has to have VNNI, with those for lesser processors, and with QNNPACK's, which adds up in 32 bits but rounds
otherwise. Needs torch, NumPy and Pillow.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

PLANTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "planted")
sys.path.insert(0, PLANTED)
from network import Network  # noqa: E402

quantization = torch.ao.quantization


def scenes():
    """The inputs [200,3,64,64] as preprocess.json has them, and their classes."""
    with open(PLANTED + "/preprocess.json") as file:
        preset = json.load(file)
    with open(PLANTED + "/classes.csv") as file:
        index = {name: int(number) for name, number in (line.strip().split(",")[:2] for line in list(file)[1:])}
    paths = sorted(glob.glob(PLANTED + "/scenes/images/*.png"))
    pixels = np.stack([np.asarray(Image.open(path), np.float32) / 255 for path in paths])
    inputs = (pixels - np.float32(preset["mean"])) / np.float32(preset["std"])
    names = [os.path.basename(path).rsplit("_", 1)[0] for path in paths]
    return torch.from_numpy(inputs.transpose(0, 3, 1, 2).copy()), np.array([index[name] for name in names])


def quantised(inputs, reduce_range):
    network = Network(10)
    network.load_state_dict(torch.jit.load(PLANTED + "/model.pt").state_dict())
    torch.backends.quantized.engine = "qnnpack"
    network.eval()
    stages = ["features.%d." % i for i in range(6)]
    network = quantization.fuse_modules(network, [[stage + part for part in "012"] for stage in stages])
    model = quantization.QuantWrapper(network).eval()
    model.qconfig = quantization.QConfig(activation=quantization.HistogramObserver.with_args(reduce_range=reduce_range),
                                         weight=quantization.default_weight_observer)
    quantization.prepare(model, inplace=True)
    with torch.no_grad():
        model(inputs)
    quantization.convert(model, inplace=True)
    return model


def run(archive, engine, isa):
    """The logits [200,10], from a process of its own: oneDNN reads its environment once."""
    subprocess.run([sys.executable, __file__, archive, engine], check=True, stderr=subprocess.DEVNULL,
                   env=dict(os.environ, ONEDNN_MAX_CPU_ISA=isa))
    return np.load(archive + ".npy")


def run_here(archive, engine):
    torch.backends.quantized.engine = engine
    with torch.no_grad():
        np.save(archive + ".npy", torch.jit.load(archive)(scenes()[0]).numpy())


def describe(title, found, exact, labels):
    difference = np.abs(found - exact)
    print("%-44s off by %.3f at most, %.4f on average; accuracy %.3f; another class for %d of %d"
          % (title, difference.max(), difference.mean(), (found.argmax(1) == labels).mean(),
             (found.argmax(1) != exact.argmax(1)).sum(), len(labels)), flush=True)


def main():
    inputs, labels = scenes()
    with tempfile.TemporaryDirectory() as folder:
        for reduce_range in (False, True):
            archive = "%s/%d.pt" % (folder, reduce_range)
            torch.jit.script(quantised(inputs, reduce_range)).save(archive)
            exact = run(archive, "onednn", "ALL")
            bits = "%d-bit activations, " % (7 if reduce_range else 8)
            print("%slargest logit %.1f, accuracy %.3f" % (bits, np.abs(exact).max(), (exact.argmax(1) == labels).mean()))
            for engine, isa in (("onednn", "AVX512_CORE"), ("onednn", "AVX2"), ("onednn", "SSE41"), ("qnnpack", "ALL")):
                describe(bits + engine + ", " + isa, run(archive, engine, isa), exact, labels)


if __name__ == "__main__":
    run_here(*sys.argv[1:]) if len(sys.argv) > 1 else main()
