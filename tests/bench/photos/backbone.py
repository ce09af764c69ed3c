# SPDX-License-Identifier: Apache-2.0
"""A network in two parts: the first stays as it is and runs in ONNX Runtime, the second is fitted to a world."""
import functools
import pathlib
import tempfile
import warnings

import numpy as np
import onnxruntime
import torch
from torch import nn

from networks import NETWORKS

BATCH = 32


class Whole(nn.Module):
    def __init__(self, early, late):
        super().__init__()
        self.early, self.late = early, late

    def forward(self, x):
        return self.late(self.early(x))


def session(module, shape):
    """Runs a module in ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = pathlib.Path(folder) / "part.onnx"
        torch.onnx.export(module, torch.zeros(2, *shape), str(path), input_names=["x"], output_names=["y"],
                          dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=13)
        made = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda x: made.run(None, {"x": x})[0]


@functools.lru_cache(None)
def early_session(network, side):
    return session(NETWORKS[network].Early(side).eval(), (3, side, side))


def features(network, pixels):
    """[n, side, side, 3] of 0 to 255 -> [n, ...], what the fixed part makes of them, in half precision."""
    run = early_session(network, pixels.shape[1])
    mean, deviation = (np.array(v, np.float32) for v in (NETWORKS[network].mean, NETWORKS[network].deviation))
    found = []
    for start in range(0, len(pixels), BATCH):
        part = (np.asarray(pixels[start:start + BATCH], np.float32) - mean) / deviation
        found.append(run(np.ascontiguousarray(part.transpose(0, 3, 1, 2))).astype(np.float16))
    return np.concatenate(found)


def late(network, classes, path=None):
    """The part that is fitted: as it was on ImageNet with a random head, or as saved."""
    made = NETWORKS[network].Late(classes).eval()
    if path:
        made.load_state_dict(torch.load(path))
    return made


def fit(network, train, labels, classes, seed, epochs=8, batch=64):
    torch.manual_seed(seed)
    part = late(network, classes)  # the norms keep their statistics; all weights are fitted
    rate = NETWORKS[network].rate
    optimizer = torch.optim.AdamW(part.parameters(), lr=rate, weight_decay=0.01)
    train, labels = torch.from_numpy(train), torch.from_numpy(labels)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * -(-len(train) // batch))
    for _ in range(epochs):
        for chosen in torch.randperm(len(train)).split(batch):
            loss = nn.functional.cross_entropy(part(train[chosen].float()), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return part.requires_grad_(False)
