# SPDX-License-Identifier: Apache-2.0
"""Methods that run the model, once more in torch: see formulas.py."""
import numpy as np
import torch

from formulas import gradcampp, normalise
from models import Behind, capture, output_of

ROWS = 128  # at once, of Ablation-CAM


def ablationcam(model, spec, x, targets):
    """A row for each channel that is taken away."""
    a, _, logits = capture(model, spec, x, targets)
    raw = np.zeros_like(a[:, 0])
    for n in range(len(x)):
        whole, behind = float(logits[n, targets[n]]), Behind(model, spec.layer, x[n:n + 1])
        output = output_of(model, spec, x[n:n + 1])
        for channels in torch.arange(a.shape[1]).split(ROWS):
            rows = output.repeat((len(channels),) + (1,) * (output.dim() - 1))
            for row, channel in enumerate(channels):
                spec.zero(rows, row, channel)
            with torch.no_grad():
                rest = behind(rows)[:, targets[n]].double().numpy()
            raw[n] += (((whole - rest) / whole)[:, None, None] * a[n, channels]).sum(0)
    return raw


def scorecam(model, a, x, targets):
    """By the authors' formula: each masked image's probability of the class weighs its channel."""
    maps = []
    for n in range(len(x)):
        up = torch.nn.functional.interpolate(torch.relu(torch.from_numpy(a[n]).float())[:, None], size=x.shape[2:],
                                             mode="bilinear", align_corners=False)
        spread = up.amax((2, 3), keepdim=True) - up.amin((2, 3), keepdim=True)
        raw = torch.zeros(x.shape[2:], dtype=torch.float64)
        with torch.no_grad():
            for mask in (up / torch.where(spread == 0, torch.ones_like(spread), spread)).split(32):
                weights = torch.softmax(model(x[n:n + 1] * mask).double(), 1)[:, targets[n]]
                raw += (weights[:, None, None] * mask[:, 0].double()).sum(0)
        maps.append(raw.numpy())
    return np.stack(maps)


def integrated_gradients(model, x, targets, steps):
    sums = torch.zeros_like(x, dtype=torch.float64)
    for i in range(steps):
        point = (x * ((i + 0.5) / steps)).requires_grad_(True)
        gradient, = torch.autograd.grad(model(point).gather(1, targets[:, None]).sum(), point)
        sums += gradient.double()
    return (x.double() * sums).sum(1).numpy()


def smoothgradcampp(model, spec, x, targets, samples, seed):
    generator = torch.Generator().manual_seed(seed)
    spread = 0.15 * (x.amax((1, 2, 3), keepdim=True) - x.amin((1, 2, 3), keepdim=True))
    mean = 0.0
    for _ in range(samples):
        a, g, _ = capture(model, spec, x + spread * torch.randn(x.shape, generator=generator), targets)
        mean = mean + normalise(gradcampp(a, g)) / samples
    return mean
