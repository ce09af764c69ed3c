# SPDX-License-Identifier: Apache-2.0
"""Pictures that ask a model what it leans on. All take pixels [n, 3, h, w] of 0 to 255 and `on` [n, 1, h, w], 1 on the
object's box, and use nothing but photos, boxes and, for the hot spots, a map.

Each probe is a generator's entry: name -> pixels. One entry is one forward pass a photo."""
import torch
from torch.nn.functional import avg_pool2d, interpolate


def blurred(x, sigma):
    """Gaussian, the rim goes on."""
    radius = int(3 * sigma + 0.5)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    taps = taps / taps.sum()
    n, c, h, w = x.shape
    x = torch.nn.functional.pad(x.reshape(n * c, 1, h, w), (radius, radius, 0, 0), mode="replicate")
    x = torch.nn.functional.conv2d(x, taps[None, None, None])
    x = torch.nn.functional.pad(x, (0, 0, radius, radius), mode="replicate")
    return torch.nn.functional.conv2d(x, taps[None, None, :, None]).reshape(n, c, h, w)


def filled(x, gone):
    """Pixels that are gone (1) from around them, by push and pull: averages of what is known, over cells of 2, 4, 8 ...,
    and each cell that knows nothing from the next coarser one, interpolated."""
    known = 1 - gone
    levels = [(x * known, known)]
    while min(levels[-1][0].shape[2:]) > 1:
        value, weight = levels[-1]
        levels.append((avg_pool2d(value, 2, ceil_mode=True), avg_pool2d(weight, 2, ceil_mode=True)))
    below = levels[-1][0] / levels[-1][1].clamp(min=1e-6)
    for value, weight in reversed(levels[:-1]):
        up = interpolate(below, size=value.shape[2:], mode="bilinear", align_corners=False)
        weight = weight.clamp(max=1)
        own = value / weight.clamp(min=1e-6)
        below = own * weight + up * (1 - weight) if value.shape[2:] != x.shape[2:] else torch.where(gone > 0.5, up, x)
    return below


def gray(x):
    return (x * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True).expand_as(x)


def mixed(x, y, share):
    """y where share is 1."""
    return x + (y - x) * share


def transplanted(x, boxes, objects, object_boxes):
    """Photo i with the content of its box replaced by that of another photo's box, stretched to fit."""
    out = x.clone()
    for i, ((x0, y0, x1, y1), (u0, v0, u1, v1)) in enumerate(zip(boxes, object_boxes)):
        out[i, :, y0:y1, x0:x1] = interpolate(objects[i:i + 1, :, v0:v1, u0:u1], size=(y1 - y0, x1 - x0), mode="bilinear",
                                              align_corners=False)[0]
    return out


def plain_probes(x, on):
    """Probes of a photo by itself."""
    off = 1 - on
    yield "plain", x
    yield "gray_off", mixed(x, gray(x), off)
    yield "blur_off", mixed(x, blurred(x, x.shape[2] / 16), off)
    yield "soft_off", mixed(x, blurred(x, x.shape[2] / 80), off)


def hot(maps, where, share):
    """The strongest `share` of all pixels among those of `where`: 1."""
    n = maps.shape[0]
    flat = torch.where(where > 0.5, maps, torch.full_like(maps, -1)).reshape(n, -1)
    flat = flat + 1e-6 * torch.rand(flat.shape, generator=torch.Generator().manual_seed(0))  # ties in any order
    count = int(share * flat.shape[1])
    limit = flat.kthvalue(flat.shape[1] - count, dim=1, keepdim=True)[0]
    return ((flat > limit) & (where.reshape(n, -1) > 0.5)).reshape(maps.shape).float()
