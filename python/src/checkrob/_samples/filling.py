# SPDX-License-Identifier: Apache-2.0
"""From a Sample to the library's input."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from typing import Any

from checkrob import _library, arrays, errors
from checkrob._api import ObjectFlag
from checkrob._handle import Handle, held
from checkrob._samples.ahead import fetched
from checkrob._samples.reading import Object, Sample, local_path, shape_of, url_of
from checkrob.arrays import Buffer
from checkrob.images import Image, image_handle

# A float of an image may exceed 0 to 1 by this much, after a resize.
SLACK = 1e-3
# Above what mean and standard deviation make of white.
LARGEST_NORMALISED = 10


def fill(pointer: int, sample: Sample, storage_options: Mapping[str, Any]) -> None:
    """Writes a Sample, whose labels are names, into an input of the library."""
    image, name = sample.image, sample.name
    if name is None and isinstance(image, (str, os.PathLike)):
        name = os.fspath(image)
    if name:
        _library.call("input_set_name", pointer, _library.path(name))
    if callable(image) and not isinstance(image, Image):
        image = image()
    _set_image(pointer, image, storage_options)
    for found in sample.objects:
        regions = _regions(found, sample.relative)
        try:
            with held(regions) as (shapes,):
                _library.call("input_add_object", pointer, _library.encoded(found.label), _flags(found), shapes)
        finally:
            regions.close()


def _flags(found: Object) -> int:
    flags = 0
    for is_set, flag in (
        (found.difficult, ObjectFlag.DIFFICULT),
        (found.truncated, ObjectFlag.TRUNCATED),
        (found.crowd, ObjectFlag.CROWD),
    ):
        flags |= int(flag) if is_set else 0
    return flags


def _set_image(pointer: int, image: Any, storage_options: Mapping[str, Any]) -> None:
    url = url_of(image)
    if url is not None:
        image = local_path(url) or fetched(url, storage_options)
    if isinstance(image, (str, os.PathLike)):
        if not os.fspath(image):
            raise errors.InvalidArgumentError("the image's path is empty")
        _library.call("input_set_path", pointer, _library.path(image))
        return
    if isinstance(image, Image):
        _set_pixels(pointer, image._handle)
        return
    if not (isinstance(image, bytes) or hasattr(image, "convert") or len(shape_of(image)) > 1):
        raise errors.InvalidArgumentError(
            "an image is a path, a URL, the bytes of a file, Pillow's image or pixels, [height, width, 3], not "
            + ("None" if image is None else f"of the type {type(image).__name__}")
        )
    handle = image_handle(_bytes_of_floats(image), {})
    try:
        _set_pixels(pointer, handle)
    finally:
        handle.close()


def _set_pixels(pointer: int, handle: Handle) -> None:
    library = _library.get()
    with handle as image:
        width, height = library.checkrob_image_width(image), library.checkrob_image_height(image)
        _library.call("input_set_pixels", pointer, library.checkrob_image_pixels(image), width, height)


def _bytes_of_floats(image: Any) -> Any:
    """Pixels from 0 to 1, as torchvision's ToTensor makes them, as uint8; anything else as it is."""
    if isinstance(image, bytes) or hasattr(image, "convert"):
        return image
    if hasattr(image, "detach"):
        image = image.detach().cpu()
    if not str(getattr(image, "dtype", "")).endswith(("float16", "float32", "float64")):
        return image
    low, high = float(image.min()), float(image.max())
    if not (low >= -SLACK and high <= 1 + SLACK):
        advice = (
            "Convert pixels from 0 to 255 to uint8"
            if low >= 0 and high > LARGEST_NORMALISED
            else "Remove the normalisation from the dataset's transform: checkrob's own preprocessing does it"
        )
        raise errors.InvalidArgumentError(
            f"the image has floats from {low:.3g} to {high:.3g}; they must be from 0 to 1. {advice}"
        )
    scaled = (image * 255).round().clip(0, 255)
    return scaled.byte() if hasattr(scaled, "byte") else scaled.astype("uint8")


def _regions(found: Object, relative: bool) -> Handle:
    handle = Handle.new("regions", "regions_new")
    try:
        with handle as pointer:
            if relative and found.mask is None:
                _library.call("regions_set_relative", pointer)
            if found.mask is not None:
                _add_mask(pointer, found.mask)
            elif found.polygon is not None:
                flat = [float(v) for point in found.polygon for v in point]
                _library.call("regions_add_polygon", pointer, (ctypes.c_double * len(flat))(*flat), len(flat) // 2)
            elif found.box is not None:
                _library.call("regions_add_box", pointer, *_corners(found.box, relative))
            else:
                raise errors.InvalidArgumentError(
                    f"the object of class {found.label!r} has no box, polygon or mask; a score needs to know where it "
                    "is. extract() needs no objects: pass classes=[]"
                )
    except BaseException:
        handle.close()
        raise
    return handle


def _corners(box: Any, relative: bool) -> list[float]:
    """x1, y1, x2, y2. Boxes of another form are refused where they can be told from these."""
    x1, y1, x2, y2 = corners = [float(v) for v in box]
    shown = "[" + ", ".join(f"{v:g}" for v in corners) + "]"
    if x2 <= x1 or y2 <= y1:
        raise errors.InvalidArgumentError(
            f"the box {shown} is empty or inverted; a box is x1, y1, x2, y2, its corners, not x, y, width, height"
        )
    if not relative and min(x1, y1) >= 0 and max(x2, y2) <= 1:
        raise errors.InvalidArgumentError(
            f"the box {shown} is smaller than a pixel; a box is in pixels. Shares of the image's sides need "
            "checkrob.Sample(..., relative=True)"
        )
    return corners


def _add_mask(pointer: int, mask: Any) -> None:
    """A mask as bytes: bool, uint8, or any numbers, of which those that are not 0 count."""
    if hasattr(mask, "convert"):  # Pillow: "1" has bits, "P" numbers
        width, height = mask.size
        data = bytes(mask.convert("L").tobytes() if mask.mode == "1" else mask.tobytes())
    else:
        height, width, data = _dense_mask(mask)
    if len(data) != width * height:
        raise errors.InvalidArgumentError(f"a mask is [H, W], one number for each pixel, not {list(shape_of(mask))}")
    _library.call("regions_add_mask", pointer, data, width, height)


def _dense_mask(mask: Any) -> tuple[int, int, bytes]:
    shape = shape_of(mask)
    if len(shape) == 3 and 1 in (shape[0], shape[-1]):
        mask = mask.reshape(shape[1:] if shape[0] == 1 else shape[:2])
        shape = shape_of(mask)
    if len(shape) != 2:
        raise errors.InvalidArgumentError(f"a mask is [H, W], not {list(shape)}")
    if isinstance(mask, (list, tuple)):
        return shape[0], shape[1], bytes(bool(value) for row in mask for value in row)
    if hasattr(mask, "detach"):
        mask = mask.detach().cpu()
    marked = mask != 0
    marked = marked.byte() if hasattr(marked, "byte") else marked.astype("uint8")
    with Buffer(marked) as pixels:
        return shape[0], shape[1], bytes(arrays.dense_bytes(marked, pixels))
