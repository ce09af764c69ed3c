# SPDX-License-Identifier: Apache-2.0
"""Images, and from an image to the model's input."""

from __future__ import annotations

import ctypes
import json
import math
import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union

from checkrob import _library, _options, arrays, display, errors
from checkrob._api import Filter, ImageLimits
from checkrob._handle import Handle, Hold, Owner, held
from checkrob.arrays import Array, Buffer
from checkrob.options import Path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob.options import RunOptions

# A path; the bytes of an image file; an Image; Pillow's image; pixels, uint8 [H, W, 3] or [H, W], or [3, H, W] as torch
# has them, of NumPy, torch or any object that supports the buffer protocol.
Source = Union[Path, bytes, "Image", Any]


class Image(Owner):
    """An image: 8-bit RGB pixels. checkrob.image() opens one."""

    def __init__(self, handle: Handle):
        self._own(handle)
        library = _library.get()
        with handle as pointer:
            self.width: int = library.checkrob_image_width(pointer)
            self.height: int = library.checkrob_image_height(pointer)
            #: The EXIF orientation that the file states, 1 to 8.
            self.orientation: int = library.checkrob_image_orientation(pointer)

    @property
    def pixels(self) -> Array:
        """[height, width, 3], red first: the image's own memory."""
        with self._handle as pointer:
            address = _library.get().checkrob_image_pixels(pointer)
        return arrays.shared(address, (self.height, self.width, 3), Hold(self._handle), "B")

    def resize(self, width: int, height: int, filter: str = "bilinear") -> Image:
        """Pillow's antialiased resize, byte for byte. `filter` is bilinear or bicubic."""
        kinds = {"bilinear": Filter.BILINEAR, "bicubic": Filter.BICUBIC}
        if filter not in kinds:
            raise errors.InvalidArgumentError(f"there is no filter {filter!r}; there are bilinear and bicubic")
        with self._handle as pointer:
            return Image(Handle.new("image", "image_resize", pointer, *_sides(width, height), kinds[filter]))

    def save(self, path: Path) -> None:
        """Writes a PNG, completely or not at all."""
        with self._handle as pointer:
            _library.call("image_write_png", pointer, _library.path(path))

    def to_pil(self) -> Any:
        """An image of Pillow's: a copy."""
        pillow = _library.package("PIL.Image", "to_pil()")
        return pillow.frombuffer("RGB", (self.width, self.height), bytes(memoryview(self.pixels)), "raw", "RGB", 0, 1)

    def _repr_png_(self) -> bytes:
        return display.png(self)

    def __repr__(self) -> str:
        return f"<checkrob.Image {self.width} x {self.height}>"


def _sides(width: int, height: int) -> tuple[int, int]:
    return _library.integer("width", width, 1), _library.integer("height", height, 1)


def image(source: Source, **options: Unpack[RunOptions]) -> Image:
    """Opens an image: a path, the bytes of a file (JPEG, PNG, WebP, BMP), Pillow's image, or pixels.

    Pixels are uint8, [height, width, 3], [height, width] or [3, height, width], of NumPy, torch, or anything that
    supports the buffer protocol. The options image_max_..., gray_range and orientation are for files. A Pillow image is
    taken as it is: its EXIF orientation is not applied.
    """
    if isinstance(source, Image):
        return source
    return Image(image_handle(source, _options.merged(options)))


def image_handle(source: Source, options: Mapping[str, Any]) -> Handle:
    if isinstance(source, (str, os.PathLike)):
        limits = _limits(options)
        return Handle.open("image", "image_open", os.fspath(source), ctypes.byref(limits))
    if isinstance(source, (bytes, bytearray)):
        limits = _limits(options)
        return Handle.new("image", "image_decode", bytes(source), len(source), ctypes.byref(limits))
    if hasattr(source, "convert") and hasattr(source, "tobytes") and hasattr(source, "mode"):
        pillow: Any = source
        return _from_bytes(pillow.convert("RGB").tobytes(), *pillow.size)
    refuse_what_is_none(source)
    with Buffer(source) as pixels:
        try:
            return _from_pixels(source, pixels)
        except MemoryError:
            raise errors.OutOfMemoryError(
                f"there is not enough memory for a copy of {list(pixels.shape)} pixels"
            ) from None


def refuse_what_is_none(source: object) -> None:
    if hasattr(source, "read") and not arrays.has_memory(source):
        raise errors.InvalidArgumentError(
            "this is an open file, not an image: pass its path, or what its read() returns"
        )
    if not arrays.has_memory(source):
        raise errors.InvalidArgumentError(
            "an image is a path, the bytes of a file, Pillow's image, or an array of pixels, but this is of the type "
            + type(source).__name__
        )


def _limits(options: Mapping[str, Any]) -> ImageLimits:
    limits = ImageLimits.new()
    with (
        _options.made({n: v for n, v in options.items() if n not in ("images", "annotations")}) as made,
        made as pointer,
    ):
        _library.call("image_limits_read", ctypes.byref(limits), pointer)
    return limits


def _from_bytes(pixels: bytes | bytearray, width: int, height: int) -> Handle:
    data = (ctypes.c_char * len(pixels)).from_buffer(pixels) if isinstance(pixels, bytearray) else pixels
    return Handle.new("image", "image_from_rgb", data, width, height)


def _from_pixels(source: Any, pixels: Buffer) -> Handle:
    shape = pixels.shape
    if pixels.typecode != "B":
        raise errors.InvalidArgumentError(
            f"pixels are uint8, from 0 to 255, but these are {pixels.described}; an input that is preprocessed already "
            f"is float32 [3, height, width]"
        )
    if len(shape) == 3 and shape[2] == 3 and pixels.is_dense:
        return Handle.new("image", "image_from_rgb", pixels.address, shape[1], shape[0])
    data = arrays.dense_bytes(source, pixels)
    if len(shape) == 3 and shape[2] in (3, 4):
        return _planes([data[channel :: shape[2]] for channel in range(3)], shape[1], shape[0])
    if len(shape) == 3 and shape[0] in (3, 4):
        size = shape[1] * shape[2]
        return _planes([data[channel * size : (channel + 1) * size] for channel in range(3)], shape[2], shape[1])
    if len(shape) == 2 or (len(shape) == 3 and 1 in (shape[0], shape[2])):
        height, width = (length for length in (shape if len(shape) == 2 else shape[1:] if shape[0] == 1 else shape[:2]))
        return _planes([data] * 3, width, height)
    raise errors.InvalidArgumentError(
        f"pixels are [height, width, 3], [height, width] or [3, height, width], but these are {list(shape)}"
        + ("; pass the content of a file as bytes" if len(shape) == 1 else "")
    )


def _planes(planes: list[bytes], width: int, height: int) -> Handle:
    """Red, green and blue, apart."""
    pixels = bytearray(3 * width * height)
    for channel, plane in enumerate(planes):
        pixels[channel::3] = plane
    return _from_bytes(pixels, width, height)


# ---- preprocessing ----


class Preprocess(Owner):
    """From an image to the model's input: resize, crop, normalise. `source` is imagenet, paper, a JSON file, or what is
    in such a file, as a dictionary.
    """

    def __init__(self, source: Path | Mapping[str, Any]):
        if isinstance(source, Mapping):
            text = json.dumps(dict(source)).encode()
            handle = Handle.new("preprocess", "preprocess_parse", text, len(text))
        elif isinstance(source, (str, os.PathLike)):
            handle = Handle.open("preprocess", "preprocess_open", os.fspath(source))
        else:
            raise TypeError(
                f"preprocess is imagenet, paper, a JSON file or a dictionary, not of the type {type(source).__name__}: "
                "write what your transforms do, such as dict(resize=256, crop=224, mean=[...], std=[...])"
            )
        self._own(handle)
        library = _library.get()
        with handle as pointer:
            self.height: int = library.checkrob_preprocess_height(pointer)
            self.width: int = library.checkrob_preprocess_width(pointer)
            self.json: str = library.checkrob_preprocess_json(pointer).decode()

    def _range(self) -> tuple[float, float]:
        """What it makes of black and of white: the lowest and the highest value of any channel."""
        stated = json.loads(self.json)
        mean, std = stated.get("mean") or [0.0], stated.get("std") or [1.0]
        return min(-m / s for m, s in zip(mean, std)), max((1 - m) / s for m, s in zip(mean, std))

    def __call__(self, image: Source, **options: Unpack[RunOptions]) -> Array:
        """The model's input, float32 [3, height, width]."""
        made = arrays.zeros((3, self.height, self.width))
        self._apply(made.address, image, _options.merged(options))
        return made

    def _apply(self, address: int, source: Source, options: Mapping[str, Any]) -> None:
        """Writes the input of one image to an address."""
        if isinstance(source, Image):
            self._fill(address, source._handle)
            return
        handle = image_handle(source, options)
        try:
            self._fill(address, handle)
        finally:
            handle.close()

    def _fill(self, address: int, image: Handle) -> None:
        with held(self._handle, image) as (preprocess, pixels):
            _library.call("preprocess_apply", address, preprocess, pixels)

    def __repr__(self) -> str:
        return f"<checkrob.Preprocess {self.json}>"


class Inputs:
    """A batch of inputs, float32 [N, 3, H, W]: made from images, or the caller's own memory, without a copy."""

    def __init__(self, images: list[Source], preprocess: Preprocess, options: Mapping[str, Any]):
        self._buffer: Buffer | None = None
        self.height, self.width = preprocess.height, preprocess.width
        self.count = len(images)
        if len(images) == 1 and (buffer := prepared(images[0])) is not None:
            self._buffer = buffer
            _warn_of_pixels(buffer, preprocess)
            self.count = 1 if len(buffer.shape) == 3 else buffer.shape[0]
            self.height, self.width = buffer.shape[-2:]
            self.address = buffer.address
            return
        self._memory = arrays.zeros((len(images), 3, self.height, self.width))
        self.address = self._memory.address
        for number, source in enumerate(images):
            self._write(self.address + number * 12 * self.height * self.width, source, preprocess, options)

    def _write(self, address: int, source: Source, preprocess: Preprocess, options: Mapping[str, Any]) -> None:
        buffer = prepared(source)
        if buffer is None:
            preprocess._apply(address, source, options)
            return
        with buffer:
            _warn_of_pixels(buffer, preprocess)
            if buffer.shape[-3:] != (3, self.height, self.width) or len(buffer.shape) != 3:
                raise errors.InvalidArgumentError(
                    f"an input is float32 [3, {self.height}, {self.width}] here, but this one is {list(buffer.shape)}"
                )
            ctypes.memmove(address, buffer.address, 12 * self.height * self.width)

    def __enter__(self) -> Inputs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._buffer is not None:
            self._buffer.release()


# Values of an input that are looked at; all of a large batch would take longer than the model.
LOOKED_AT = 4096


def _warn_of_pixels(buffer: Buffer, preprocess: Preprocess) -> None:
    """Floats are taken as normalised already. Pixels that are not would give other logits, and nothing would say so."""
    size = math.prod(buffer.shape)
    values = (ctypes.c_float * size).from_address(buffer.address)[:: size // LOOKED_AT + 1]
    low, high = min(values), max(values)
    lowest, highest = preprocess._range()
    is_unit = high <= 1 and lowest < -0.1
    is_byte = high > 10 * highest and high <= 255
    if low < 0 or low == high or not (is_unit or is_byte):
        return
    warnings.warn(
        f"the input has values from 0 to {1 if is_unit else 255} alone, but the preprocessing makes values from "
        f"{lowest:.2f} to {highest:.2f}: float32 is taken as preprocessed already. Pass an image as uint8, or the "
        "output of model.preprocess(image)",
        errors.CheckrobWarning,
        stacklevel=_library.outside(),
    )


def prepared(source: Source) -> Buffer | None:
    """The memory of an input that is preprocessed already: float32 [3, H, W] or [N, 3, H, W]. None: an image."""
    if isinstance(source, (str, os.PathLike, bytes, Image)) or hasattr(source, "convert"):
        return None
    refuse_what_is_none(source)
    buffer = Buffer(source)
    if buffer.typecode != "f":
        buffer.release()
        return None
    if len(buffer.shape) not in (3, 4) or buffer.shape[-3] != 3 or 0 in buffer.shape:
        buffer.release()
        raise errors.InvalidArgumentError(
            f"an input is float32 [3, H, W] or [N, 3, H, W], but this one is {list(buffer.shape)}"
        )
    if buffer.is_dense:
        return buffer
    dense = arrays.dense_bytes(source, buffer)
    buffer.release()
    copy = arrays.zeros(buffer.shape)
    ctypes.memmove(copy.address, dense, len(dense))
    return Buffer(copy)
