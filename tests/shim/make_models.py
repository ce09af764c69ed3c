# SPDX-License-Identifier: Apache-2.0
"""Makes the small models of test_shim.c, and the truth about them.

usage: make_models.py FOLDER

A truth file NAME@LAYER.truth holds, little-endian: seven int64 (N, H, W, K, C, h, w), N int64 targets,
then float32: the input [N,3,H,W], the logits, the layer's activation and the gradient of each image's own
target logit. It is computed by the eager model with a forward hook, so by none of the shim's machinery.
"(input)" as LAYER is the input itself. Maps of other layouts are written as [N,C,h,w].

An ablation file NAME@LAYER.ablation holds four int64 (H, W, C, K), then float32: one image [3,H,W] and the logits
[C,K] when channel k of the layer is zero.
"""
import os
import sys
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 5


def conv(i, o, stride=1, bias=True):
    return nn.Conv2d(i, o, 3, stride=stride, padding=1, bias=bias)


class Head(nn.Module):
    """Body, global pooling, linear layer: the plain case."""

    def __init__(self, body, channels=8):
        super().__init__()
        self.body = body
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(self.avgpool(self.body(x)), 1))


class Bottleneck(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = conv(channels, channels, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = conv(channels, channels, bias=False), nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x
        return self.relu(y)


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.bright, self.dark, self.tail = conv(3, 8), conv(8, 8), conv(8, 8), conv(8, 8)
        self.same = nn.Identity()
        self.head = Head(nn.Identity())

    def forward(self, x):
        y = self.stem(x)
        if bool(x.mean() > -100.0):
            y = self.same(F.relu_(self.bright(y)))
        else:
            y = self.dark(y)
        return self.head(self.tail(y))


class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.block, self.head = conv(3, 8), conv(8, 8), Head(nn.Identity())

    def forward(self, x):
        y = self.stem(x)
        turns = 2 + int(x.size(0) > 0)
        while turns > 0:
            y = torch.relu(self.block(y))
            turns -= 1
        return self.head(y)


class Outputs(nn.Module):
    """A tuple: the second member comes from a module that does not influence the logits."""

    def __init__(self):
        super().__init__()
        self.stem, self.aux, self.head = conv(3, 8), conv(8, 4), Head(nn.Identity())
        self.unused = conv(8, 8)

    def forward(self, x):
        y = self.stem(x)
        return self.aux(y), self.head(y)


class Dictionary(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.stem, self.aux, self.head = conv(3, 8), Head(nn.Identity()), Head(nn.Identity())
        self.name = name

    def forward(self, x):
        y = self.stem(x)
        return {"aux": self.aux(y) * 0.0, self.name: self.head(y)}


class Methods(nn.Module):
    """Modules behind methods that are not forward, and behind a free function."""

    class Backbone(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = conv(3, 8, 2), conv(8, 8)

        def forward(self, x):
            return self.one(x)

        @torch.jit.export
        def features(self, x):
            return F.relu(self.two(F.relu(self.one(x), inplace=True)), inplace=True)

    def __init__(self):
        super().__init__()
        self.backbone, self.head = Methods.Backbone(), Head(nn.Identity())

    def forward_features(self, x):
        return self.backbone.features(x)

    def forward(self, x):
        return self.head(self.forward_features(x))


class Stateful(nn.Module):
    """Writes to its input, to a buffer and to an attribute in each run; and has an optional argument."""

    def __init__(self):
        super().__init__()
        self.body = Head(nn.Sequential(conv(3, 8, bias=False), nn.BatchNorm2d(8), nn.ReLU()))
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 0.5))
        self.register_buffer("runs", torch.zeros(1))
        self.count = 0

    def forward(self, x, scale: float = 1.0):
        x.sub_(self.mean)
        self.runs.add_(1)
        self.count = self.count + 1
        return self.body(x) * scale


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.norm, self.fc = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8), nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.fc(self.norm(self.patch(x).flatten(2).transpose(1, 2)).mean(1))


class ChannelsLast(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.norm, self.fc = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8), nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.fc(self.norm(self.patch(x).permute(0, 2, 3, 1)).mean([1, 2]))


class Convolutional(nn.Module):
    """The classifier holds the last feature map and gives [N,K,1,1]."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(conv(3, 8, 2), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Conv2d(8, CLASSES, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return self.classifier(self.features(x))


class TwoInputs(nn.Module):
    def forward(self, x, y):
        return (x * y).flatten(1)


class Returns(nn.Module):
    def __init__(self, columns, ndim=2):
        super().__init__()
        self.columns, self.ndim = columns, ndim

    def forward(self, x):
        y = x.flatten(1)[:, :self.columns]
        return y if self.ndim == 2 else y.unsqueeze(2)


class Doubled(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.relu, self.head = conv(3, 8), conv(8, 8), nn.ReLU(), Head(nn.Identity())

    def forward(self, x):
        return self.head(self.relu(self.two(self.relu(self.one(x)))))


class UnevenPooling(nn.Module):
    """Adaptive pooling of 16x16 to 3x3 before a convolution: oneDNN has no kernel for that."""

    def __init__(self):
        super().__init__()
        self.one, self.pool, self.two = conv(3, 8), nn.AdaptiveAvgPool2d(3), conv(8, 8)
        self.head = Head(nn.Identity())

    def forward(self, x):
        return self.head(self.two(self.pool(self.one(x))))


class Alias(nn.Module):
    """The layer's memory is used behind it under another name: no cut at its output sees that use."""

    def __init__(self, kind):
        super().__init__()
        self.stem, self.relu, self.drop = conv(3, 8), nn.ReLU(inplace=True), nn.Dropout()
        self.head = Head(nn.Identity())
        self.kind = kind

    def forward(self, x):
        x = self.stem(x)
        if self.kind == 0:
            y = self.relu(x)
            z = y * y + x
        elif self.kind == 1:
            y = self.relu(x)
            y.add_(1)
            z = y * y + x
        else:
            y = torch.relu_(self.drop(x))
            z = y + x
        return self.head(z)


class ClassToken(nn.Module):
    """A small ViT: one class token, two registers; only the class token is classified."""

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.qkv, self.out = nn.LayerNorm(8), nn.Linear(8, 24), nn.Linear(8, 8)

        def forward(self, x):
            q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
            return x + self.out(torch.softmax(q @ k.transpose(1, 2), dim=-1) @ v)

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.prefix = nn.Parameter(torch.zeros(1, 3, 8))
        self.blocks = nn.Sequential(ClassToken.Attention(), ClassToken.Attention())
        self.norm, self.fc = nn.LayerNorm(8), nn.Linear(8, CLASSES)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.prefix.expand(x.size(0), -1, -1), x], dim=1)
        return self.fc(self.norm(self.blocks(x))[:, 0])


class Ending(nn.Module):
    """Ends in something that is no logit; eager, with `bare` set, it gives the logits."""

    def __init__(self, kind):
        super().__init__()
        self.head = Head(nn.Sequential(conv(3, 8, 2), nn.ReLU()))
        self.kind, self.bare = kind, False
        self.last = {"module": nn.Softmax(dim=1), "log": nn.LogSoftmax(dim=-1),
                     "sigmoid": nn.Sigmoid()}.get(kind, nn.Identity())

    def forward(self, x):
        z = self.head(x)
        if self.bare:
            return z
        if self.kind == "function":
            return F.softmax(z, 1)
        if self.kind == "hidden":
            e = torch.exp(z)
            return e / e.sum(1, keepdim=True)
        return self.last(z)


class EndingInDict(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.bare = Head(nn.Sequential(conv(3, 8, 2), nn.ReLU())), False

    def forward(self, x):
        z = self.head(x)
        return {"logits": z if self.bare else torch.softmax(z, dim=1)}


class EndingInTuple(nn.Module):
    """Each output ends in its own way; what is no logit comes first, or last."""

    def __init__(self, kind):
        super().__init__()
        self.stem, self.head, self.mask = conv(3, 8, 2), Head(nn.Identity()), conv(8, 1)
        self.kind, self.bare = kind, False

    def forward(self, x):
        x = torch.relu(self.stem(x))
        mask, z = torch.sigmoid(self.mask(x)), self.head(x)
        if self.kind == 0:
            return mask, z if self.bare else torch.softmax(z, dim=1)
        return z, mask


class Best(nn.Module):
    """The three best classes, as numbers, before the logits."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = conv(3, 8, 2), Head(nn.Identity())

    def forward(self, x):
        z = self.head(torch.relu(self.stem(x)))
        return torch.topk(z, 3, dim=1)[1], z


class Casting(nn.Module):
    """Half precision inside, whatever comes in."""

    def __init__(self, dtype):
        super().__init__()
        self.head, self.dtype = Head(nn.Sequential(conv(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU())), dtype

    def forward(self, x):
        return self.head(x.to(self.dtype)).to(torch.float32)


class Around(nn.Module):
    """What came before the layer is used behind it: added, and concatenated."""

    def __init__(self, concatenate):
        super().__init__()
        self.stem, self.layer, self.concatenate = conv(3, 4), conv(4, 4), concatenate
        self.head = Head(nn.Identity(), 8 if concatenate else 4)

    def forward(self, x):
        x = self.stem(x)
        y = torch.relu(self.layer(x))
        return self.head(torch.cat([x, y], 1) if self.concatenate else x + y)


class FixedBatch(nn.Module):
    """Traced, the batch of its example becomes a constant."""

    def __init__(self):
        super().__init__()
        self.stem, self.fc = conv(3, 8, 4), nn.Linear(8 * 4 * 4, CLASSES)

    def forward(self, x):
        return self.fc(torch.relu(self.stem(x)).reshape(int(x.shape[0]), -1))


class FixedTokens(ClassToken):
    """The same, by the class token's batch."""

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.prefix.expand(int(x.shape[0]), -1, -1), x], dim=1)
        return self.fc(self.norm(self.blocks(x))[:, 0])


class Given(nn.Module):
    """Gives a parameter as it is."""

    def __init__(self):
        super().__init__()
        self.offset = nn.Parameter(torch.ones(1, 8, 8, 8))

    def forward(self, x):
        return self.offset


class GivesParameter(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.given, self.head = conv(3, 8, 2), Given(), Head(nn.ReLU())

    def forward(self, x):
        x = self.stem(x)
        return self.head(x + self.given(x))


class Block(nn.Module):
    """ResNet-50's: 1 x 1, 3 x 3, 1 x 1, each with batch normalisation, around a connection that may project."""

    def __init__(self, i, channels, stride):
        super().__init__()
        o = 4 * channels
        self.conv1, self.bn1 = nn.Conv2d(i, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = conv(channels, channels, stride, bias=False), nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, o, 1, bias=False), nn.BatchNorm2d(o)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Identity()
        if stride != 1 or i != o:
            self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride=stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += self.downsample(x)
        return self.relu(y)


def resnet50():
    """All of its weights, 102 MB, with the names that torchvision gives the layers."""
    parts, i = [], 64
    for channels, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        layer = [Block(i, channels, stride)] + [Block(4 * channels, channels, 1) for _ in range(blocks - 1)]
        parts.append(("layer%d" % (len(parts) + 1), nn.Sequential(*layer)))
        i = 4 * channels
    stem = [("conv1", nn.Conv2d(3, 64, 7, 2, 3, bias=False)), ("bn1", nn.BatchNorm2d(64)), ("relu", nn.ReLU(inplace=True)),
            ("maxpool", nn.MaxPool2d(3, 2, 1))]
    end = [("avgpool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten()), ("fc", nn.Linear(2048, 1000))]
    return nn.Sequential(OrderedDict(stem + parts + end))


class ModuleLists(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = conv(3, 8, 2)
        self.stages = nn.ModuleList([nn.Sequential(conv(8, 8), nn.ReLU(inplace=True)) for _ in range(3)])
        self.head = Head(nn.Identity())

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = x + stage(x)
        return self.head(x)


def from_channels_last(output):
    return output.permute(0, 3, 1, 2)


def from_tokens(prefix, height, width):
    return lambda output: output[:, prefix:].transpose(1, 2).unflatten(2, (height, width))


def quantised(model, reduce_range):
    """Static int8 quantisation, with what this libtorch computes it by; None where it has nothing. With reduce_range
    activations have 7 bits, which no processor's kernels overflow on."""
    engines = [e for e in torch.backends.quantized.supported_engines if e != "none"]
    if not engines:
        return None
    engine = "fbgemm" if "fbgemm" in engines else engines[0]
    torch.backends.quantized.engine = engine
    quantization = torch.ao.quantization
    model = nn.Sequential(quantization.QuantStub(), model, quantization.DeQuantStub()).eval()
    model.qconfig = quantization.QConfig(activation=quantization.HistogramObserver.with_args(reduce_range=reduce_range),
                                         weight=quantization.default_weight_observer)
    quantization.prepare(model, inplace=True)
    model(deterministic(5, (4, 3, 16, 16)))
    quantization.convert(model, inplace=True)
    return model


def deterministic(seed, shape):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator)


def lively(model):
    """Weights and running statistics that make a wrong folding visible."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not name.endswith(("mean", "runs")):
            noise = torch.rand(tensor.shape, generator=generator)
            tensor.copy_(noise + 0.5 if name.endswith("running_var") else (noise - 0.5) * 0.8)
        elif name.endswith("running_mean"):
            tensor.copy_(torch.rand(tensor.shape, generator=generator) - 0.5)
    return model.eval()


def pick_logits(result):
    if isinstance(result, dict):
        result = result.get("logits", result.get("out"))
    if isinstance(result, tuple):
        result = next(r for r in result if r.dim() == 2 and r.is_floating_point())
    return result.flatten(1)


def write_truth(path, model, layer, call, size, as_map=lambda output: output, targets=(4, 0, 2)):
    """call: which call of the layer, from 1."""
    n = 3
    x = deterministic(7, (n, 3, *size))
    targets = torch.tensor(targets)
    leaf, seen = None, 0

    def hook(_module, _inputs, output):
        nonlocal leaf, seen
        seen += 1
        if seen != call:
            return None
        leaf = output.detach().clone().requires_grad_(True)
        return leaf.clone()

    if layer == "(input)":
        leaf = x.clone().requires_grad_(True)
        logits = pick_logits(model(leaf.clone()))
    else:
        handle = model.get_submodule(layer).register_forward_hook(hook)
        logits = pick_logits(model(x.clone()))
        handle.remove()
    gradient, = torch.autograd.grad(logits.gather(1, targets[:, None]).sum(), leaf)
    leaf, gradient = as_map(leaf), as_map(gradient)
    numbers = [n, *size, logits.shape[1], *leaf.shape[1:]]
    with open(path, "wb") as file:
        file.write(torch.tensor(numbers, dtype=torch.int64).numpy().astype("<i8").tobytes())
        file.write(targets.numpy().astype("<i8").tobytes())
        for tensor in (x, logits, leaf, gradient):
            file.write(tensor.detach().contiguous().numpy().astype("<f4").tobytes())


def write_ablation(path, model, layer, channel_axis=1, prefix=0, size=(16, 16)):
    image = deterministic(11, (1, 3, *size))
    rows, channel = [], 0

    def hook(_module, _inputs, output):
        output = output.clone()
        part = output[:, prefix:] if prefix else output
        part.select(channel_axis, channel).zero_()
        return output

    with torch.no_grad():
        shapes = []
        handle = model.get_submodule(layer).register_forward_hook(lambda m, i, o: shapes.append(o.shape))
        model(image.clone())
        handle.remove()
        handle = model.get_submodule(layer).register_forward_hook(hook)
        for channel in range(shapes[0][channel_axis]):
            rows.append(pick_logits(model(image.clone())))
        handle.remove()
    logits = torch.cat(rows)
    with open(path, "wb") as file:
        numbers = [*size, *logits.shape]
        file.write(torch.tensor(numbers, dtype=torch.int64).numpy().astype("<i8").tobytes())
        file.write(image.numpy().astype("<f4").tobytes())
        file.write(logits.numpy().astype("<f4").tobytes())


def write_quantised(path, model):
    """The input [3,3,16,16], the logits [3,5] and what 1.body gives, as float32 [3,8,8,8]."""
    seen = []
    handle = model[1].body.register_forward_hook(lambda m, i, o: seen.append(o.dequantize()))
    x = deterministic(7, (3, 3, 16, 16))
    with torch.no_grad():
        logits = model(x)
    handle.remove()
    with open(path, "wb") as file:
        for tensor in (x, logits, seen[0]):
            file.write(tensor.contiguous().numpy().astype("<f4").tobytes())


def main(folder):
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(0)

    def place(name):
        return os.path.join(folder, name)

    def export(name, model, layers=(), traced=False, size=(16, 16), as_map=lambda output: output, batch=1):
        model = lively(model)
        example = deterministic(3, (batch, 3, *size))
        (torch.jit.trace(model, example) if traced else torch.jit.script(model)).save(place(name + ".pt"))
        for layer, call, shown in layers:
            write_truth(place("%s@%s.truth" % (name, shown)), model, layer, call, size, as_map)
        return model

    def export_ending(name, model, traced=False):
        model = export(name, model, traced=traced)
        model.bare = True
        write_truth(place(name + "@head.body.truth"), model, "head.body", 1, (16, 16))

    def export_short(name, model, dtype):
        """The archive's numbers are short; the truth is computed in float32 from the same numbers."""
        model = lively(model).to(dtype)
        torch.jit.script(model).save(place(name + ".pt"))
        torch.jit.freeze(torch.jit.script(model), optimize_numerics=False).save(place(name + "_frozen.pt"))
        model = model.to(torch.float32)
        if isinstance(model, Casting):
            model.dtype = torch.float32
        path = "head.body" if isinstance(model, Casting) else "body"
        write_truth(place("%s@%s.truth" % (name, path)), model, path, 1, (16, 16))

    def once(*layers):
        return [(layer, 1, layer) for layer in layers]

    def plain():
        return Head(nn.Sequential(conv(3, 8, 2), nn.ReLU(inplace=True)))

    export("inplace", plain(), once("body.0", "body.1", "body", "(input)"))
    body = nn.Sequential(conv(3, 8, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True), Bottleneck(8))
    deep = once("body.0", "body.1", "body.3.conv2", "body.3.bn2", "body")
    relus = [("body.3.relu", 1, "body.3.relu#1"), ("body.3.relu", 2, "body.3.relu")]
    export("folded", Head(body), deep + relus)
    export("folded_traced", Head(body), deep + relus, traced=True)
    calls = [("relu", 1, "relu#1"), ("relu", 2, "relu")]
    export("doubled", Doubled(), calls)
    export("doubled_traced", Doubled(), calls, traced=True)
    export("branch", Branch(), once("bright", "same", "stem", "tail"))
    export("loop", Loop(), [("block", k, "block#%d" % k) for k in (1, 2, 3)])
    export("tuple", Outputs(), once("stem"))
    export("dictionary", Dictionary("logits"), once("stem"))
    export("dictionary_out", Dictionary("out"), once("stem"))
    export("methods", Methods(), once("backbone.one", "backbone.two"))
    export("stateful", Stateful(), once("body.body.0", "body.body"))
    export("convolutional", Convolutional(), once("features", "classifier.1"))
    export("uneven", UnevenPooling(), once("one", "two"))
    tokens = export("tokens", Tokens(), once("norm"), as_map=from_tokens(0, 4, 4))
    write_ablation(place("tokens@norm.ablation"), tokens, "norm", channel_axis=2)
    for name, size in (("tokens_larger", (24, 32)), ("tokens_smaller", (8, 12))):
        torch.jit.script(tokens).save(place(name + ".pt"))
        write_ablation(place(name + "@norm.ablation"), tokens, "norm", channel_axis=2, size=size)
    torch.jit.freeze(torch.jit.script(tokens)).save(place("tokens_frozen.pt"))
    model = export("class_token", ClassToken(), once("blocks.0", "blocks.1.norm"), as_map=from_tokens(3, 4, 4))
    write_ablation(place("class_token@blocks.0.ablation"), model, "blocks.0", channel_axis=2, prefix=3)
    export("class_token_traced", ClassToken(), once("blocks.0", "blocks.1.norm"), traced=True,
           as_map=from_tokens(3, 4, 4))
    export("class_token_wide", ClassToken(), once("blocks.0"), size=(16, 24), as_map=from_tokens(3, 4, 6))
    model = export("channels_last", ChannelsLast(), once("norm"), as_map=from_channels_last)
    write_ablation(place("channels_last@norm.ablation"), model, "norm", channel_axis=3)
    for kind in ("module", "function", "log", "sigmoid"):
        export_ending("ending_" + kind, Ending(kind))
    export("ending_hidden", Ending("hidden"), once("head.body"))
    export_ending("ending_traced", Ending("module"), traced=True)
    export_ending("ending_dict", EndingInDict())
    for kind in range(2):
        model = export("ending_tuple%d" % kind, EndingInTuple(kind))
        model.bare = True
        write_truth(place("ending_tuple%d@stem.truth" % kind), model, "stem", 1, (16, 16))
    export("best", Best(), once("stem"))
    export_short("half", Head(nn.Sequential(conv(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU())), torch.float16)
    export_short("bfloat", Head(nn.Sequential(conv(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU())), torch.bfloat16)
    export_short("casting", Casting(torch.float16), torch.float16)
    for concatenate in (False, True):
        name = "around_" + ("cat" if concatenate else "add")
        write_ablation(place(name + "@layer.ablation"), export(name, Around(concatenate)), "layer")
    for batch in (1, 2, 3, 8):  # the truths' is 3
        name = "fixed_batch%d" % batch
        model = export(name, FixedBatch(), once("stem", "(input)"), traced=True, batch=batch)
        write_ablation(place(name + "@stem.ablation"), model, "stem")
    export("fixed_tokens", FixedTokens(), once("blocks.0"), traced=True, batch=2, as_map=from_tokens(3, 4, 4))
    export("lists", ModuleLists(), once("stages.0", "stages.1.0", "stages.2"))
    export("given", GivesParameter())
    model = resnet50().eval()
    for module in model.modules():  # no numbers of fifty random blocks in a row
        if isinstance(module, Block):
            nn.init.constant_(module.bn3.weight, 0.2)
    torch.jit.script(model).save(place("resnet50.pt"))
    model = quantised(lively(Head(nn.Sequential(conv(3, 8, 2), nn.ReLU()))), reduce_range=False)
    if model:
        torch.jit.script(model).save(place("quantised8.pt"))
        model = quantised(lively(Head(nn.Sequential(conv(3, 8, 2), nn.ReLU()))), reduce_range=True)
        torch.jit.script(model).save(place("quantised.pt"))
        write_quantised(place("quantised.activation"), model)
    export("two_inputs", TwoInputs())
    export("no_logit", Returns(0))
    export("cube", Returns(4, 3))
    export("wide", Head(nn.Sequential(conv(3, 8, 2), nn.ReLU())), once("body"), size=(16, 24))
    fixed = nn.Sequential(conv(3, 8, 4), nn.Flatten(), nn.Linear(8 * 4 * 4, CLASSES))
    export("fixed_size", fixed, once("0"))
    for kind in range(3):
        export("alias%d" % kind, Alias(kind))

    model = lively(Head(body))
    torch.jit.freeze(torch.jit.script(model)).save(place("frozen.pt"))
    write_truth(place("frozen@body.truth"), model, "body", 1, (16, 16))
    from exported_models import write_models  # which imports this file
    write_models(folder)
    torch.save(model.state_dict(), place("state_dict.pt"))
    torch.save(model.state_dict(), place("pickle.pt"), _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(sys.argv[1])
