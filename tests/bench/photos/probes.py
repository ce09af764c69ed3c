# SPDX-License-Identifier: Apache-2.0
"""Pictures that ask a model what it leans on. All take pixels [n, 3, h, w] of 0 to 255 and `on` [n, 1, h, w], 1 on the
object's box, and use nothing but photos, boxes and, for the hot spots, a map.

Each probe is a generator's entry: name -> pixels. One entry is one forward pass a photo."""
import torch
from torch.nn.functional import avg_pool2d, interpolate

GRAY = 127.0
RIM = 0.09       # of the side: a third of the picture


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


def border(like, near, far):
    """1 between `near` and `far` of the side from the rim."""
    h, w = like.shape[2:]
    rows = torch.minimum(torch.arange(h), h - 1 - torch.arange(h))[:, None] / h
    columns = torch.minimum(torch.arange(w), w - 1 - torch.arange(w))[None] / w
    depth = torch.minimum(rows, columns)
    return ((depth >= near) & (depth < far)).float()[None, None]


def strip(like, side, wide):
    h, w = like.shape[2:]
    mask = torch.zeros(1, 1, h, w)
    n = round(wide * h)
    {"top": mask[..., :n, :], "bottom": mask[..., h - n:, :], "left": mask[..., :n], "right": mask[..., w - n:]}[side].fill_(1)
    return mask


def cell(like, row, column, cells):
    h, w = like.shape[2:]
    mask = torch.zeros(1, 1, h, w)
    mask[..., row * h // cells:(row + 1) * h // cells, column * w // cells:(column + 1) * w // cells] = 1
    return mask


def tiled(x, boxes):
    """The box covered with the largest of the four strips beside it, repeated."""
    out = x.clone()
    h, w = x.shape[2:]
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        room = {"left": x0, "right": w - x1, "top": y0, "bottom": h - y1}
        side = max(room, key=room.get)
        if room[side] < 2:
            continue
        if side in ("left", "right"):
            source = x[i, :, y0:y1, :x0].flip(2) if side == "left" else x[i, :, y0:y1, x1:].flip(2)
            times = -(-(x1 - x0) // source.shape[2])
            out[i, :, y0:y1, x0:x1] = torch.cat([source, source.flip(2)] * times, 2)[:, :, :x1 - x0]
        else:
            source = x[i, :, :y0, x0:x1].flip(1) if side == "top" else x[i, :, y1:, x0:x1].flip(1)
            times = -(-(y1 - y0) // source.shape[1])
            out[i, :, y0:y1, x0:x1] = torch.cat([source, source.flip(1)] * times, 1)[:, :y1 - y0]
    return out


def transplanted(x, boxes, objects, object_boxes):
    """Photo i with the content of its box replaced by that of another photo's box, stretched to fit."""
    out = x.clone()
    for i, ((x0, y0, x1, y1), (u0, v0, u1, v1)) in enumerate(zip(boxes, object_boxes)):
        out[i, :, y0:y1, x0:x1] = interpolate(objects[i:i + 1, :, v0:v1, u0:u1], size=(y1 - y0, x1 - x0), mode="bilinear",
                                              align_corners=False)[0]
    return out


def plain_probes(x, on, boxes):
    """Probes of a photo by itself."""
    off = 1 - on
    yield "plain", x
    yield "gray_off", mixed(x, gray(x), off)
    yield "mean_off", mixed(x, torch.full_like(x, GRAY), off)
    yield "mean_on", mixed(x, torch.full_like(x, GRAY), on)
    yield "blur_off", mixed(x, blurred(x, x.shape[2] / 16), off)
    yield "soft_off", mixed(x, blurred(x, x.shape[2] / 80), off)
    yield "around_off", filled(x, off.expand_as(x))
    yield "rim_around", filled(x, (border(x, 0, RIM) * off).expand_as(x))


def fill_probes(x, on, boxes):
    """More ways of taking the object or its context away, for the comparison of fills."""
    yield "gray_on", mixed(x, gray(x), on)
    yield "blur_on", mixed(x, blurred(x, x.shape[2] / 16), on)
    yield "soft_on", mixed(x, blurred(x, x.shape[2] / 80), on)
    yield "around_on", filled(x, on.expand_as(x))
    yield "tiled_on", tiled(x, boxes)
    yield "ring_around", filled(x, (border(x, 0.12, 0.25) * (1 - on)).expand_as(x))


GRID = 5


def grid_probes(x, on):
    """Cells off the object filled from around. Cells that lie on the object count as not changed."""
    for row in range(GRID):
        for column in range(GRID):
            gone = cell(x, row, column, GRID) * (1 - on)
            yield f"cell_{row}_{column}", filled(x, gone.expand_as(x))


SIDES = ["top", "bottom", "left", "right"]


def pair_probes(x, on, boxes, y, y_on, y_boxes):
    """Photo i receives from photo i of y: the object; parts of the context, each in its place."""
    both = (1 - on) * (1 - y_on)
    yield "object", transplanted(x, boxes, y, y_boxes)
    yield "rim", mixed(x, y, border(x, 0, RIM) * both)


def side_probes(x, on, y, y_on):
    for side in SIDES:
        yield side, mixed(x, y, strip(x, side, 0.12) * (1 - on) * (1 - y_on))


def hot(maps, where, share):
    """The strongest `share` of all pixels among those of `where`: 1."""
    n = maps.shape[0]
    flat = torch.where(where > 0.5, maps, torch.full_like(maps, -1)).reshape(n, -1)
    flat = flat + 1e-6 * torch.rand(flat.shape, generator=torch.Generator().manual_seed(0))  # ties in any order
    count = int(share * flat.shape[1])
    limit = flat.kthvalue(flat.shape[1] - count, dim=1, keepdim=True)[0]
    return ((flat > limit) & (where.reshape(n, -1) > 0.5)).reshape(maps.shape).float()
