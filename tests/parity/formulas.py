# SPDX-License-Identifier: Apache-2.0
"""The methods once more, in NumPy and double precision, written down from docs/method.md without a look at the library.

Raw maps, [N, h, w]; normalise() makes them comparable."""
import numpy as np


def normalise(raw):
    raw = np.maximum(np.asarray(raw, np.float64), 0.0)
    low, high = raw.min((-2, -1), keepdims=True), raw.max((-2, -1), keepdims=True)
    return (raw - low) / np.where(high > low, high - low, 1.0)


def total(values):
    return values.sum((2, 3), keepdims=True)


def gradcam(a, g):
    return (g.mean((2, 3), keepdims=True) * a).sum(1)


def gradcampp(a, g, sum_of_cubes=lambda a, g: total(a * g**3), eps=1e-7):
    below = 2 * g**2 + sum_of_cubes(a, g) + eps
    alpha = g**2 / np.where(below != 0, below, 1.0)
    return (total(alpha * np.maximum(g, 0)) * a).sum(1)


def xgradcam(a, g):
    return (total(a * g) / (total(a) + 1e-7) * a).sum(1)


def hirescam(a, g):
    return (g * a).sum(1)


def layercam(a, g):
    return (np.maximum(g, 0) * a).sum(1)


def eigencam(a, _g=None):
    maps = []
    for one in a:
        flat = one.reshape(len(one), -1).T
        flat = flat - flat.mean(0)
        vectors = np.linalg.svd(flat, full_matrices=False)[2]
        projected = flat @ vectors[0]
        maps.append((projected if projected @ flat.sum(1) >= 0 else -projected).reshape(one.shape[1:]))
    return np.stack(maps)


def cam(a, weights):
    """weights [N, C]: the linear layer's row of each image's class"""
    return (weights[:, :, None, None] * a).sum(1)


PURE = {"gradcam": gradcam, "gradcam++": gradcampp, "xgradcam": xgradcam, "hirescam": hirescam, "layercam": layercam,
        "eigencam": eigencam}


# What peers compute instead: docs/compatibility.md.

def gradcampp_by_equation_19(a, g):
    """pytorch-grad-cam: as printed in the paper, the activations' sum outside of the third power; another eps."""
    return gradcampp(a, g, lambda a, g: total(a) * g**3, 1e-6)


def gradcampp_undivided(a, g):
    """torchcam 0.5.0 divides a copy (`alpha[idx][mask].div_`), so that alpha stays the gradient's square."""
    return (total(g**2 * np.maximum(g, 0)) * a).sum(1)
