# SPDX-License-Identifier: Apache-2.0
"""Datasets from Python: images with labels and boxes or masks, from a torch Dataset, a sequence or an iterable.

    data = checkrob.samples(my_dataset, classes=["cat", "dog"])     # my_dataset[i] is (image, label, boxes)
    results = checkrob.score(model, data)

The library reads the inputs when it needs them, on threads of its own, one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from checkrob import _library, errors
from checkrob._api import InputCallback, Status
from checkrob._handle import Handle, held
from checkrob._samples.ahead import Items
from checkrob._samples.filling import fill
from checkrob._samples.reading import Names, Object, Sample, read_item
from checkrob.dataset import Classes, ClassMap, Dataset

__all__ = ["Object", "Sample", "Samples", "samples"]


class Samples(Dataset):
    """A dataset from Python. checkrob.samples() makes one."""

    def __init__(self, reader: _Reader, classes: ClassMap | None):
        self._reader = reader
        callback = InputCallback(reader.read)
        entries = None if classes is None else classes._handle
        parents = () if entries is None else (entries,)
        with held(entries) as (pointer,):
            arguments = (len(reader.source), callback, None, pointer)
            handle = Handle.new("dataset", "dataset_new", *arguments, parents=parents, kept=callback)
        super().__init__(handle, {}, classes)

    def _problem(self) -> BaseException | None:
        """What stopped a run: an exception in the caller's code that is no Exception, such as KeyboardInterrupt."""
        problem, self._reader.problem = self._reader.problem, None
        return problem


class _Reader:
    """Fills the library's inputs. It holds the caller's data, and nothing that holds it."""

    def __init__(self, source: Any, convert: Callable[[Any], Sample], storage_options: Mapping[str, Any]):
        self.source, self._storage_options = source, storage_options
        self._items = Items(lambda number: convert(source[number]), len(source), storage_options)
        self.problem: BaseException | None = None

    def read(self, pointer: int, number: int, _: object) -> int:
        """The library's callback. An exception fails this input, with its message."""
        try:
            fill(pointer, self._items.take(number), self._storage_options)
        except BaseException as problem:
            if not isinstance(problem, Exception):
                self.problem = problem
            message = str(problem) if isinstance(problem, errors.CheckrobError) else _described(problem)
            return _fail(pointer, _status_of(problem), message)
        return Status.OK


def _status_of(problem: BaseException) -> Status:
    """Lack of memory stops a run, and what is no Exception, such as KeyboardInterrupt, is to do the same."""
    if isinstance(problem, errors.CheckrobError):
        return problem.status
    if isinstance(problem, MemoryError) or not isinstance(problem, Exception):
        return Status.ERROR_OUT_OF_MEMORY
    if isinstance(problem, FileNotFoundError):
        return Status.ERROR_NOT_FOUND
    return Status.ERROR_IO if isinstance(problem, OSError) else Status.ERROR


def _described(problem: BaseException) -> str:
    kind = type(problem).__name__
    try:
        return f"{kind}: {problem}" if str(problem) else kind
    except Exception:  # the caller's own class may not be able to say it
        return kind


def _fail(pointer: int, status: int, message: str) -> int:
    line = " ".join(message.split()).encode("utf-8", "backslashreplace").replace(b"\0", b"\\0")
    result: int = _library.get().checkrob_input_fail(pointer, status, line)
    return result


def samples(
    source: Any,
    classes: Classes | ClassMap | None = None,
    *,
    convert: Callable[[Any], Any] | None = None,
    names: Sequence[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Samples:
    """A dataset of the caller's own, for score(), extract() and others.

    `source`: a torch Dataset with an index (map style), or another object with `__len__` and `__getitem__`; or
    an iterable, which is read to its end first and kept in memory, so let its images be paths then. An item is a
    Sample; or (image, label, region), where the label is a number or a name, or one for each box; or (image, target),
    where the target is a dictionary as torchvision's detection models have it: boxes, labels, masks, iscrowd; or a
    dictionary with image too. For extract() an image alone will do.

    An image is what checkrob.image() takes: a path, the bytes of a file, Pillow's image, pixels (uint8); also floats
    from 0 to 1, a URL of fsspec (s3://bucket/cat.jpg), or a function without arguments that returns any of these. The
    library reads paths on several threads, and URLs ahead; the caller's code runs on one thread at a time.
    A region is boxes, [4] or [n, 4], as x1, y1, x2, y2 in pixels, x2 and y2 after the last pixel; or masks, [H, W] or
    [n, H, W], which are not 0 on the object.

    `classes`: the class map, as checkrob.dataset() takes it; by default the names in `source.classes` in their order.
    An empty list, or no such attribute: images alone, for extract().
    `names`: the names of labels that are numbers: `source.classes`, or else the names in the class map by output index.
    `convert`: a function that makes one of the items above of what the source has.
    `storage_options`: of fsspec.

    An exception in the caller's code fails that input, with the exception's message. KeyboardInterrupt and SystemExit
    stop the run. The fingerprint of such a dataset has only the number of inputs, so give each dataset results of its
    own.
    """
    numbered, own = _numbered(source), getattr(source, "classes", None)
    class_map = _class_map(own if classes is None else classes)
    known = Names(own if names is None else names, class_map)

    def convert_item(item: Any) -> Sample:
        sample = read_item(item if convert is None else convert(item))
        return Sample(sample.image, name=sample.name) if class_map is None else known.named(sample)

    return Samples(_Reader(numbered, convert_item, dict(storage_options or {})), class_map)


def _class_map(classes: Any) -> ClassMap | None:
    if isinstance(classes, ClassMap):
        return classes
    is_none = classes is None or (isinstance(classes, (list, tuple, dict)) and not classes)
    return None if is_none else ClassMap(classes)


def is_samples(source: Any) -> bool:
    """Whether score() makes a dataset of this first: data, and neither a dataset nor the name of a format."""
    return source is not None and not isinstance(source, (Dataset, str, bytes, os.PathLike))


def _numbered(source: Any) -> Any:
    """Something with a length and numbers."""
    if hasattr(source, "batch_sampler") and hasattr(source, "dataset"):
        raise errors.InvalidArgumentError(
            "a DataLoader has batches of model inputs, of which checkrob can't tell the images: pass its dataset "
            "(loader.dataset), without normalisation in its transform"
        )
    if isinstance(source, Mapping):
        raise errors.InvalidArgumentError("a dictionary has no order of images: pass its values, as a list")
    if isinstance(source, Dataset):
        raise errors.InvalidArgumentError("this is a dataset of checkrob already: pass it to score()")
    if hasattr(source, "__getitem__") and hasattr(source, "__len__"):
        try:
            len(source)
        except (TypeError, NotImplementedError):
            pass
        else:
            return source
    if isinstance(source, Iterable):
        return list(source)
    raise errors.InvalidArgumentError(
        f"a dataset has __len__ and __getitem__, or is an iterable, but this is of the type {type(source).__name__}"
    )
