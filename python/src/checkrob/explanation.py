# SPDX-License-Identifier: Apache-2.0
"""Explanations: which part of an image speaks for a class."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, arrays, errors
from checkrob._api import ColourMap, OverlayStyle
from checkrob._handle import Handle, Hold, Owner, held
from checkrob.arrays import Array
from checkrob.display import explanation_html, explanation_png
from checkrob.images import Image, Source, image, prepared

if TYPE_CHECKING:
    from checkrob.model import Model


class Explanation(Owner):
    """The explanation of one image. Its arrays stay valid after it is closed, and after its model is."""

    def __init__(
        self, handle: Handle, model: Model, target: int, layer: str, options: Mapping[str, Any], shown: Source
    ):
        self._own(handle)
        self._image_source = shown
        self._preprocess = model.preprocess
        #: The output index of the class.
        self.target = target
        #: The layers' paths with commas between.
        self.layer = layer
        self.options = dict(options)
        self._classes = model.class_count

    @property
    def method(self) -> str:
        return _options.text(self.options, "method")

    @property
    def map(self) -> Array:
        """The normalised map, float32 [h, w], in [0, 1]; all zeros if it is empty. It has the layer's size, or the
        input's."""
        made = self._array("map")
        assert made is not None
        return made

    @property
    def attribution(self) -> Array | None:
        """The signed attribution, float32 [h, w] of the layer, in units of the score; None for methods without one."""
        return self._array("attribution")

    @property
    def logits(self) -> Array:
        """float32 [K]"""
        with self._handle as pointer:
            address = _library.get().checkrob_explanation_logits(pointer)
        return arrays.shared(address, (self._classes,), Hold(self._handle))

    def upsampled(self, height: int | None = None, width: int | None = None) -> Array:
        """The map at the size of the model's input, or another, float32 [height, width]."""
        height = self._preprocess.height if height is None else _library.integer("height", height, 1)
        width = self._preprocess.width if width is None else _library.integer("width", width, 1)
        made, small = arrays.zeros((height, width)), self.map
        _library.call("saliency_upsample", made.address, height, width, small.address, *small.shape)
        return made

    def overlay(
        self, image_: Source | None = None, *, colour_map: str = "inferno", alpha: float = 0.75, longest_side: int = 0
    ) -> Image:
        """The map over its image. `image_` is needed if an input was explained that was preprocessed already.

        `colour_map`: viridis, inferno, magma, plasma, cividis or gray. `alpha`: how much of the photo the map covers.
        """
        source = self._image_source if image_ is None else image_
        if _is_input(source):
            raise errors.InvalidArgumentError("an input was explained, not an image: pass the image to overlay()")
        style = OverlayStyle.new()
        chosen = ctypes.c_int()
        _library.call("colour_map_find", ctypes.byref(chosen), _library.encoded(colour_map))
        style.colour_map, style.alpha, style.longest_side = (
            ColourMap(chosen.value),
            alpha,
            _library.integer("longest_side", longest_side),
        )
        below, small = image(source), self.map
        with held(below._handle, self._preprocess._handle) as (pixels, preprocess):
            handle = Handle.new(
                "image", "overlay_styled", pixels, preprocess, small.address, *small.shape, None, ctypes.byref(style)
            )
        return Image(handle)

    @property
    def has_image(self) -> bool:
        """Whether an image was explained, rather than an input that was preprocessed already."""
        return not _is_input(self._image_source)

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height of the image."""
        if not self.has_image:
            raise errors.InvalidArgumentError("an input was explained, not an image")
        below = image(self._image_source)
        return below.width, below.height

    def _repr_html_(self) -> str | None:
        return explanation_html(self)

    def _repr_png_(self) -> bytes | None:
        return explanation_png(self)

    def _array(self, name: str) -> Array | None:
        shape = (ctypes.c_size_t * 2)()
        with self._handle as pointer:
            address = getattr(_library.get(), "checkrob_explanation_" + name)(shape, pointer, 0)
        return None if address is None else arrays.shared(address, tuple(shape), Hold(self._handle))

    def __repr__(self) -> str:
        return f"<checkrob.Explanation of class {self.target} by {self.method} at {self.layer or 'the input'}>"


def _is_input(source: Source) -> bool:
    """Whether this is preprocessed already: floats."""
    buffer = prepared(source)
    if buffer is not None:
        buffer.release()
    return buffer is not None
