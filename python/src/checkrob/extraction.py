# SPDX-License-Identifier: Apache-2.0
"""Representations: the outputs of layers, as features for other programs."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, arrays, errors
from checkrob._api import BatchCallback, FailureCallback, Pooling
from checkrob._handle import Handle, held
from checkrob._running import Bar, Calls, Progress, execute
from checkrob.arrays import Array
from checkrob.dataset import Dataset, opened
from checkrob.images import Image, Inputs, Source, refuse_what_is_none

if TYPE_CHECKING:
    from checkrob.model import Model


class Representations(Mapping[str, Array]):
    """The outputs of one or several layers, a row for each image: representations["layer4"]; `array` is that of the
    first."""

    def __init__(self, names: list[str], layers: dict[str, Array], failures: dict[str, str]):
        #: The image of each row: its path, or its number for images from memory.
        self.names = names
        #: Images that could not be read, with their error messages: they have no row.
        self.failures = failures
        self._layers = layers

    @property
    def array(self) -> Array:
        """float32 [N, C, h, w], or [N, C] if pooled, of the first layer."""
        if not self._layers:
            raise errors.NotFoundError("no image was read out; failures says why")
        return next(iter(self._layers.values()))

    def __getitem__(self, layer: str) -> Array:
        return self._layers[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{layer} {list(array.shape)}" for layer, array in self._layers.items())
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"<checkrob.Representations of {len(self.names)} images{failed}: {shapes}>"


def listed(images: Source | Iterable[Source]) -> list[Source]:
    """A list of images; one image is a list of one."""
    if isinstance(images, (str, bytes, os.PathLike, Image)) or hasattr(images, "convert"):
        return [images]
    if hasattr(images, "__dlpack__") or hasattr(images, "__array_interface__") or arrays._supports_buffer(images):
        with arrays.Buffer(images) as buffer:
            pixels = buffer.typecode == "B" and len(buffer.shape) == 4
        return list(images) if pixels else [images]
    if hasattr(images, "read") or not isinstance(images, Iterable):  # a file would be an iterable of lines
        return [images]
    return list(images)


def extract(model: Model, images: Any, options: Mapping[str, Any], progress: Progress) -> Representations:
    if isinstance(images, Dataset):
        return _from_dataset(model, images, options, progress)
    if isinstance(images, (str, os.PathLike)):
        if not os.path.exists(images):
            raise errors.MissingFileError(f"there is no {os.fspath(images)}: pass a folder, a tar file or an image")
        if os.path.isdir(images) or os.fspath(images).endswith(".tar"):
            with opened({**_of_images(options), "images": images}) as dataset:
                return _from_dataset(model, dataset, options, progress)
    _options.check_data({}, _of_images(options))
    return _from_images(model, listed(images), options, progress)


def _of_images(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that choose among images without annotations. The model may have defaults for others."""
    return {name: options[name] for name in ("list", "limit") if name in options}


class _Rows:
    """Collects the rows of batches, whose memory is valid only in the callback, in one array for each layer."""

    def __init__(self, total: int):
        self.total = total
        self.names: list[str] = []
        self.layers: dict[str, Array] = {}
        self.failures: dict[str, str] = {}

    def add_batch(self, batch: int, _: object) -> None:
        library = _library.get()
        rows = library.checkrob_batch_rows(batch)
        for layer in range(library.checkrob_batch_layer_count(batch)):
            shape = (ctypes.c_size_t * 3)()
            library.checkrob_batch_shape(shape, batch, layer)
            name = _library.text(library.checkrob_batch_layer(batch, layer))
            self.add(name, library.checkrob_batch_values(batch, layer), rows, tuple(shape))
        self.names += [_library.text(library.checkrob_batch_image(batch, row)) for row in range(rows)]

    def add(self, layer: str, address: int, rows: int, shape: tuple[int, ...]) -> None:
        if layer not in self.layers:
            self.layers[layer] = arrays.zeros((self.total, *shape))
        array, done = self.layers[layer], len(self.names)
        if array.shape[1:] != shape:
            raise errors.InvalidArgumentError(
                f"the layer {layer} is {list(shape)} for one input and {list(array.shape[1:])} for another: pass "
                "inputs of one size"
            )
        assert done + rows <= self.total
        size = 4 * math.prod(shape)
        ctypes.memmove(array.address + done * size, address, rows * size)

    def add_failure(self, image: bytes, _status: int, message: bytes, _: object) -> None:
        self.failures[_library.text(image)] = _library.text(message)

    def finished(self, pooled: bool) -> Representations:
        """Without the rows of images that failed, and without the positions of pooled layers."""
        count = len(self.names)
        return Representations(
            self.names,
            {name: _trimmed(array, count, pooled) for name, array in self.layers.items()},
            self.failures,
        )


def _trimmed(array: Array, count: int, pooled: bool) -> Array:
    shape = (count, *(array.shape[1:2] if pooled else array.shape[1:]))
    return arrays.shared(array.address, shape, array)


def _from_dataset(model: Model, dataset: Dataset, options: Mapping[str, Any], progress: Progress) -> Representations:
    _options.check_data(dataset.options, _of_images(options))
    rows, calls = _Rows(len(dataset)), Calls(dataset._problem)
    given = {name: value for name, value in options.items() if name not in ("images", "annotations", "dataset")}
    parents = (model._handle, dataset._handle, model.preprocess._handle)
    on_batch = BatchCallback(calls.guarded(rows.add_batch))
    on_failure = FailureCallback(calls.guarded(rows.add_failure))
    kept = (calls.on_progress, on_batch, on_failure)
    with _options.made(given) as made, held(made, *parents) as (o, m, d, p):
        extraction = Handle.new("extraction", "extraction_new", m, d, p, o, parents=parents, kept=kept)
    try:
        with extraction as pointer:
            _library.call("extraction_on_batch", pointer, on_batch, None)
            _library.call("extraction_on_failure", pointer, on_failure, None)
            _library.call("extraction_on_progress", pointer, calls.on_progress, None)
        execute("extraction", extraction, calls, Bar(progress, "extract"))
    finally:
        extraction.close()
    return rows.finished(_pooling(options) != Pooling.NONE)


def _pooling(options: Mapping[str, Any]) -> int:
    pooling = ctypes.c_int()
    _library.call("pooling_find", ctypes.byref(pooling), _library.encoded(_options.text(options, "pool")))
    return pooling.value


def _from_images(model: Model, images: list[Source], options: Mapping[str, Any], progress: Progress) -> Representations:
    """Images from memory, batch by batch. An image that fails is omitted, as one of a folder is."""
    size, pooling = _options.number(options, "batch"), _pooling(options)
    rows = _Rows(len(images))
    with contextlib.closing(Bar(progress, "extract")) as bar:
        for start in range(0, len(images), size):
            end = min(start + size, len(images))
            _add_images(model, images, range(start, end), options, pooling, rows)
            bar.show(end, len(images))
    return rows.finished(pooling != Pooling.NONE)


def _add_images(
    model: Model, images: list[Source], numbers: range, options: Mapping[str, Any], pooling: int, rows: _Rows
) -> None:
    """The rows of one batch."""
    names, sources = [], []
    for number in numbers:
        source = _decoded(images[number], _name(images, number), model, options, rows)
        if source is not None:
            names.append(_name(images, number))
            sources.append(source)
    if not sources:
        return
    with Inputs(sources, model.preprocess, options) as inputs:
        if inputs.count != len(sources):
            if len(images) > 1:
                raise errors.InvalidArgumentError(
                    f"{names[0]} is an array of {inputs.count} inputs in a list: pass it alone, or a list of its inputs"
                )
            rows.total, names = inputs.count, [str(number) for number in range(inputs.count)]
        _add_captured(model, inputs, options, pooling, rows)
    rows.names += names


def _name(images: list[Source], number: int) -> str:
    source = images[number]
    return os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else str(number)


def _decoded(source: Source, name: str, model: Model, options: Mapping[str, Any], rows: _Rows) -> Source | None:
    """A file's image; None, and its error message among the failures, if it cannot be decoded."""
    if source is None:
        refuse_what_is_none(source)
    if not isinstance(source, (str, os.PathLike, bytes)):
        return source
    try:
        return model._image(source, options)
    except errors.OutOfMemoryError:
        raise
    except errors.CheckrobError as problem:
        rows.failures[name] = str(problem)
        return None


def _add_captured(model: Model, inputs: Inputs, options: Mapping[str, Any], pooling: int, rows: _Rows) -> None:
    library = _library.get()
    names = _layer_names(model, _options.text(options, "layer"))
    capture = model._captured(inputs, ",".join(names))
    try:
        with capture as pointer:
            for layer, name in enumerate(names):
                shape = (ctypes.c_size_t * 4)()
                library.checkrob_capture_shape(shape, pointer, layer)
                one = tuple(shape[1:]) if pooling == Pooling.NONE else (shape[1], 1, 1)
                out = arrays.zeros((inputs.count, *one))
                _library.call("capture_pool", out.address, out.size, pointer, layer, pooling)
                rows.add(name, out.address, inputs.count, one)
    finally:
        capture.close()


def _layer_names(model: Model, layers: str) -> list[str]:
    """The paths of layers; the layer that "auto" means by its path."""
    names = {layer.path: layer.path for layer in model.layers()}
    names["auto"] = next((layer.path for layer in model.layers() if layer.is_auto), "auto")
    return [names.get(name.strip(), name.strip()) for name in layers.split(",")]
