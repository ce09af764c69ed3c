# SPDX-License-Identifier: Apache-2.0
"""Archives as people export them, for test_exports.c: in training mode, on a GPU, with several outputs, by other tools.

The truth of a model is that of its evaluation mode; make_models.py describes the files.
"""
import copy
import os
import zipfile
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from make_models import CLASSES, Head, conv, deterministic, lively, write_truth


class Trained(nn.Module):
    """Everything that has a training mode. `always`: dropout that ignores the mode."""

    def __init__(self, always=False):
        super().__init__()
        self.body = nn.Sequential(conv(3, 8, 2), nn.BatchNorm2d(8), nn.RReLU(), nn.Dropout2d(0.4), nn.InstanceNorm2d(
            8, affine=True, track_running_stats=True), nn.ReLU())
        self.drop, self.fc, self.always = nn.AlphaDropout(0.3), nn.Linear(8, CLASSES), always

    def forward(self, x):
        y = self.drop(self.body(x).mean([2, 3]))
        if self.always:
            y = F.dropout(y, 0.5, True)
        return self.fc(y)


class Norms(nn.Module):
    """Normalises without running statistics: by the batch, or each image by itself."""

    def __init__(self, norm):
        super().__init__()
        self.body = nn.Sequential(conv(3, 8, 2), norm, nn.ReLU())
        self.head = Head(nn.Identity())

    def forward(self, x):
        return self.head(self.body(x))


class Random(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.stem, self.head, self.kind = conv(3, 8, 2), Head(nn.Identity()), kind

    def forward(self, x):
        y = self.stem(x)
        if self.kind == "noise":
            y = y + torch.rand_like(y)
        else:  # stochastic depth
            y = y * torch.empty([y.shape[0], 1, 1, 1]).bernoulli_(0.5)
        return self.head(y)


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head(nn.Sequential(conv(3, 8, 2), nn.ReLU()))
        self.register_buffer("runs", torch.zeros(1))

    def forward(self, x):
        self.runs.add_(1)
        return self.head(x) * self.runs


class Named(NamedTuple):
    features: torch.Tensor
    score: torch.Tensor


class Several(nn.Module):
    """Features and logits, both [N,K]; the logits are computed from the features."""

    def __init__(self, kind):
        super().__init__()
        self.stem, self.fc, self.other, self.kind = conv(3, 8, 2), nn.Linear(8, CLASSES), nn.Linear(8, 3), kind

    def forward(self, x):
        y = torch.relu(self.stem(x)).mean([2, 3])
        z = self.fc(y)
        if self.kind == "features":
            return y, z
        if self.kind == "best":
            return z, torch.topk(z, 3, dim=1)[0]
        return self.other(y), z


class SeveralNamed(Several):
    def forward(self, x):
        y = torch.relu(self.stem(x)).mean([2, 3])
        return Named(y, self.fc(y))


class SeveralKeys(Several):
    def forward(self, x):
        y = torch.relu(self.stem(x)).mean([2, 3])
        return {"embedding": y, "score": self.fc(y), "size": torch.tensor([1, 2])}


class Binary(nn.Module):
    """One logit, or its sigmoid, as [N,1] or [N]. `bare`: the two logits that it is served as."""

    def __init__(self, kind):
        super().__init__()
        self.head = Head(nn.Sequential(conv(3, 8, 2), nn.ReLU()))
        self.kind, self.bare = kind, False

    def forward(self, x):
        z = self.head(x)[:, 1:2]
        if self.bare:
            z = torch.cat([-z, z], 1) / 2
        elif self.kind == "row":
            z = z[:, 0]
        elif self.kind == "squeezed":
            z = z.squeeze()
        elif self.kind == "sigmoid":
            z = torch.sigmoid(z).squeeze(1)
        return z


class Attached(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.block, self.head = conv(3, 8, 2), conv(8, 8), Head(nn.Identity())

    def forward(self, x):
        return self.head(torch.relu(self.block(self.stem(x))))


class Frozen(Attached):
    """A backbone that is not to be trained."""

    def forward(self, x):
        with torch.no_grad():
            y = torch.relu(self.block(self.stem(x)))
        return self.head(y)


class Detached(Attached):
    def forward(self, x):
        return self.head(torch.relu(self.block(self.stem(x))).detach())


class Offset(nn.Module):
    """A new tensor, whose device a trace records."""

    def __init__(self):
        super().__init__()
        self.body, self.head = conv(3, 8, 2), Head(nn.ReLU())

    def forward(self, x):
        return self.head(self.body(x + torch.full((1, 3, 1, 1), 0.25, device=x.device)).to(x.device))


class Double(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head(nn.Sequential(conv(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU()))

    def forward(self, x):
        return self.head(x.double())


class Channels(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.head = Head(nn.Sequential(conv(channels, 8, 2), nn.ReLU()))

    def forward(self, x):
        return self.head(x)


class First(nn.Module):
    """A model of one channel, which receives the first of three."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x[:, :1])


def edited(path, replacements, endings=".py"):
    """Replaces texts in the code of an archive, or in its members with other endings."""
    with zipfile.ZipFile(path) as archive:
        members = [(m, archive.read(m)) for m in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members:
            if member.filename.endswith(endings):
                for old, new in replacements:
                    data = data.replace(old.encode(), new.encode())
            archive.writestr(member.filename, data)


def write_others(place):
    """Files that are no TorchScript."""
    def archive(name, members):
        with zipfile.ZipFile(place(name), "w") as file:
            for member in members:
                file.writestr(member, b"{}")

    archive("export_2_1.pt2", ["version", "serialized_exported_program.json", "serialized_state_dict.json"])
    archive("export_2_8.pt2", ["m/archive_format", "m/models/model.json", "m/data/weights/model_weights_config.json"])
    archive("keras.keras", ["metadata.json", "config.json", "model.weights.h5"])
    torch.save(nn.Linear(2, 2), place("eager.pt"))
    torch.save({"epoch": 3, "model": nn.Linear(2, 2).state_dict()}, place("checkpoint.pt"))
    starts = {
        "model.onnx": b"\x08\x07\x12\x07pytorch\x1a\x051.13.",
        "model.safetensors": (40).to_bytes(8, "little") + b'{"w":{"dtype":"F32","shape":[1]}}      ',
        "model.h5": b"\x89HDF\r\n\x1a\n\0\0\0\0",
        "model.tflite": b"\x1c\0\0\0TFL3\x14\0",
        "model.html": b"<!DOCTYPE html><html>",
        "model.lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "model.gz": b"\x1f\x8b\x08\0\0\0\0\0",
    }
    for name, start in starts.items():
        with open(place(name), "wb") as file:
            file.write(start.ljust(600, b"\0") if name == "model.h5" else start)


def write_models(folder):
    def place(name):
        return os.path.join(folder, name)

    def save(name, model, traced=False, batch=1):
        example = deterministic(3, (batch, 3, 16, 16))
        (torch.jit.trace(model, example, check_trace=False) if traced else torch.jit.script(model)).save(
            place(name + ".pt"))

    def truth(name, model, layer, targets=(4, 0, 2)):
        write_truth(place("%s@%s.truth" % (name, layer)), model.eval(), layer, 1, (16, 16), targets=targets)

    for traced in (False, True):
        name = "trained_traced" if traced else "trained_scripted"
        model = lively(Trained())
        save(name, model.train(), traced, batch=2)  # tracing changes the running statistics
        truth(name, model, "body.0")
    model = lively(Trained(always=True))
    save("always", model)
    model.always = False
    truth("always", model, "body.0")

    save("norm_batch", lively(Norms(nn.BatchNorm2d(8, track_running_stats=False))))
    model = lively(Norms(nn.InstanceNorm2d(8, affine=True)))
    save("norm_instance", model)
    truth("norm_instance", model, "body.0")
    save("random_noise", lively(Random("noise")))
    save("random_depth", lively(Random("depth")), traced=True)
    save("counting", lively(Counting()))
    quantised = torch.ao.quantization.quantize_dynamic(lively(Several("")), {nn.Linear}, dtype=torch.qint8)
    save("dynamic", quantised)

    for kind in ("features", "best", "two"):
        save("several_" + kind, lively(Several(kind)))
    save("several_traced", lively(Several("features")), traced=True)
    save("several_named", lively(SeveralNamed("")))
    save("several_keys", lively(SeveralKeys("")))
    for kind in ("column", "row", "squeezed", "sigmoid"):
        model = lively(Binary(kind))
        save("binary_" + kind, model)
        model.bare = True
        truth("binary_" + kind, model, "head.body", targets=(1, 0, 1))

    save("frozen_no_grad", lively(Frozen()))
    truth("frozen_no_grad", lively(Attached()), "stem")
    save("frozen_detach", lively(Detached()))
    model = lively(Offset())
    save("device", model, traced=True)
    truth("device", model, "body")
    edited(place("device.pt"), [('torch.device("cpu")', 'torch.device("cuda:0")')])
    model = lively(Double()).double()
    save("double", model)
    torch.jit.freeze(torch.jit.script(model)).save(place("double_frozen.pt"))
    exact = copy.deepcopy(model).float()
    exact.forward = exact.head.forward
    truth("double", exact, "head.body")
    torch.jit.script(lively(Channels(4))).save(place("channels4.pt"))
    model = lively(Channels(1))
    torch.jit.script(model).save(place("channels1.pt"))
    write_truth(place("channels1@head.body.gray"), First(model), "model.head.body", 1, (16, 16))
    write_truth(place("channels1@input.gray"), First(model), "(input)", 1, (16, 16))

    model = lively(Channels(3))
    torch.jit.optimize_for_inference(torch.jit.script(model)).save(place("inference.pt"))
    from torch.utils.mobile_optimizer import optimize_for_mobile
    # The second one is what the first one is to a libtorch without XNNPACK: it has a type that libtorch does not know.
    for name in ("mobile.pt", "mobile_unknown.pt"):
        optimize_for_mobile(torch.jit.script(model)).save(place(name))
    edited(place("mobile_unknown.pt"), [("Conv2dOpContext", "Conv9dOpContext")], (".py", "constants.pkl"))
    save("vision", lively(Random("depth")))
    edited(place("vision.pt"), [("torch.rand_like(y)", "ops.torchvision.nms(y, y, 0.5)")])
    write_others(place)

