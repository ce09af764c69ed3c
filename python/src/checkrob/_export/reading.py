# SPDX-License-Identifier: Apache-2.0
"""Layers of an archive as checkrob itself reads them, for `checkrob.export`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from checkrob import errors
from checkrob import model as _model
from checkrob.model import Layer, Model

# A layer that shares its memory with a later value is refused; one of its neighbours will do.
NEIGHBOURS = 3


@dataclass(frozen=True)
class ReadLayer:
    """A layer's activation for one image, [1, C, h, w], and how it lies in the module's own output."""

    layer: Layer
    activation: Any


def read_layers(path: str, image: Any, paths: Collection[str]) -> list[ReadLayer]:
    """What checkrob reads of the archive for `image`, a tensor [1, C, H, W]: the activations of a layer in the middle
    and of the layer that "auto" means, as far as `paths` has them."""
    is_gray = image.shape[1] == 1
    preprocess = {
        "crop": list(image.shape[2:]),
        "resize": list(image.shape[2:]),
        "channels": "gray" if is_gray else "rgb",
    }
    with _model.open(path, preprocess=preprocess) as model:
        usable = [layer for layer in model.layers() if layer.usable and layer.path in paths]
        last = [layer for layer in usable if layer.is_auto] or usable[-1:]
        middle = [layer for layer in usable[len(usable) // 2 :] if layer not in last]
        shared = image.expand(1, 3, *image.shape[2:]).contiguous()
        found = _first(model, shared, middle[:NEIGHBOURS])
        return found + [_read(model, shared, layer) for layer in last]


def _first(model: Model, image: Any, layers: list[Layer]) -> list[ReadLayer]:
    for layer in layers:
        try:
            return [_read(model, image, layer)]
        except errors.ModelUnsupportedError:
            continue
    return []


def _read(model: Model, image: Any, layer: Layer) -> ReadLayer:
    return ReadLayer(layer, model.extract(image, layer.path, pool="none").array)
