# SPDX-License-Identifier: Apache-2.0
"""Annotated images: datasets of the formats that the library reads, and class maps."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Union

from checkrob import _library, _options, errors
from checkrob._files import absolute
from checkrob._handle import Handle, Owner
from checkrob.options import DECLARED, Path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob.options import Options

# imagenet, a CSV file name,index; or names with their output indices; or the names of outputs 0, 1, 2 ...
Classes = Union[Path, Mapping[str, int], Sequence[str]]


class ClassMap(Owner):
    """Which of the model's outputs each class of the data has: names to output indices."""

    def __init__(self, source: Classes):
        if isinstance(source, (str, os.PathLike)):
            handle = Handle.open("class_map", "class_map_open", os.fspath(source))
        else:
            handle = _from_memory(source)
        self._own(handle)

    def write(self, path: Path) -> None:
        """Writes the map as a CSV file, which the command reads."""
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            csv.writer(file).writerows([("name", "index"), *self.names.items()])

    @property
    def names(self) -> dict[str, int]:
        """Every name with its output index, in the map's order."""
        library = _library.get()
        with self._handle as pointer:
            count = library.checkrob_class_map_count(pointer)
            return {
                _library.text(library.checkrob_class_map_name(pointer, entry)): library.checkrob_class_map_index(
                    pointer, entry
                )
                for entry in range(count)
            }

    def name(self, index: int) -> str:
        """The name of an output; "" if the map has none."""
        with self._handle as pointer:
            return _library.text(_library.get().checkrob_class_map_name_of(pointer, _index(index)))

    def title(self, index: int) -> str:
        """The name for people of an output, or else its name."""
        with self._handle as pointer:
            return _library.text(_library.get().checkrob_class_map_title_of(pointer, _index(index))) or self.name(index)

    def __len__(self) -> int:
        with self._handle as pointer:
            count: int = _library.get().checkrob_class_map_count(pointer)
        return count

    def __repr__(self) -> str:
        return "<checkrob.ClassMap, closed>" if self.closed else f"<checkrob.ClassMap {len(self)} names>"


def _index(value: int) -> int:
    return _library.integer("the index", value, -(2**63), 2**63 - 1)


def _from_memory(source: Mapping[str, int] | Sequence[str]) -> Handle:
    """The library reads class maps from files."""
    if isinstance(source, (bytes, Set)) or not isinstance(source, Iterable):
        raise errors.InvalidArgumentError(
            f"classes is of the type {type(source).__name__}: a class map is a CSV file, a dictionary of names and "
            "output indices, or a list of names in the order of the model's outputs"
        )
    pairs = source.items() if isinstance(source, Mapping) else [(name, index) for index, name in enumerate(source)]
    for name, _ in pairs:
        _library.encoded(str(name))  # an error if C cannot have it
    descriptor, path = tempfile.mkstemp(prefix="checkrob-", suffix=".csv")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            csv.writer(file).writerows([("name", "index"), *pairs])
        return Handle.open("class_map", "class_map_open", path)
    except errors.BadInputError as problem:
        raise errors.BadInputError(str(problem).replace(path, "the class map")) from None
    finally:
        os.unlink(path)


def class_map_file(classes: Classes | ClassMap, folder: str) -> Path:
    """The file of a class map; one from memory is written to the folder of the results, where others find it."""
    if isinstance(classes, (str, os.PathLike)):
        return classes
    path = os.path.join(folder, "class_map.csv")
    (classes if isinstance(classes, ClassMap) else ClassMap(classes)).write(path)
    return path


class Dataset(Owner):
    """Annotated images. It is read-only, and safe from any number of threads. checkrob.dataset() opens one."""

    def __init__(self, handle: Handle, options: Mapping[str, Any], classes: ClassMap | None):
        self._own(handle)
        #: The options that it was opened with.
        self.options = dict(options)
        #: The class map; None for images alone.
        self.classes = classes

    def _problem(self) -> BaseException | None:
        """What stopped a run in the caller's own code, once."""
        return None

    def __len__(self) -> int:
        """The number of inputs: images, and annotations without an image. An input may yield several samples."""
        with self._handle as pointer:
            count: int = _library.get().checkrob_dataset_input_count(pointer)
        return count

    @property
    def left_out(self) -> int:
        """The number of images that skip_unannotated left out."""
        with self._handle as pointer:
            count: int = _library.get().checkrob_dataset_left_out(pointer)
        return count

    @property
    def fingerprint(self) -> int:
        """A number that changes when the format, the name of an input or the number of inputs does."""
        with self._handle as pointer:
            value: int = _library.get().checkrob_dataset_fingerprint(pointer)
        return value

    def __repr__(self) -> str:
        return "<checkrob.Dataset, closed>" if self.closed else f"<checkrob.Dataset of {len(self)} inputs>"


def dataset(format: str | None = None, **options: Unpack[Options]) -> Dataset:
    """Opens annotated images.

    `format` is voc, imagenet, coco, yolo or manifest (the option `dataset`). The options that say where the data are:
    images, annotations, classes, list, names, regions, ignore, skip_unannotated, skip_unmapped, limit. `classes` is
    imagenet, a CSV file, a dictionary of names and output indices, or a list of names. Without a format the images
    alone are opened, for Model.extract().
    """
    given = dict(options) if format is None else {**options, "dataset": format}
    return opened(_options.merged(given))


def opened(options: Mapping[str, Any]) -> Dataset:
    """Opens the dataset that options describe."""
    with _options.made({name: _absolute(name, value) for name, value in options.items()}) as made, made as pointer:
        if "dataset" not in options:
            return Dataset(Handle.new("dataset", "dataset_open_images", pointer), options, None)
        if "classes" not in options:
            raise errors.InvalidArgumentError(
                "classes is not set: a class map says which output of the model each class of the data has; pass "
                "imagenet, a CSV file name,index, or a dictionary"
            )
        source = options["classes"]
        classes = source if isinstance(source, ClassMap) else ClassMap(source)
        with classes._handle as entries:
            handle = _of_folders(options, pointer, entries, classes._handle)
    return Dataset(handle, options, classes)


def _absolute(name: str, value: Any) -> Any:
    """Images are read later, whatever the current folder is then. What is no file here may be a name."""
    if isinstance(value, (list, tuple)):
        return [_absolute(name, item) for item in value]
    is_path = DECLARED[name].type == "path" and isinstance(value, (str, os.PathLike))
    return absolute(os.fsdecode(value)) if is_path and value and os.path.exists(value) else value


def _of_folders(options: Mapping[str, Any], pointer: int, entries: int, classes: Handle) -> Handle:
    """A folder or file that is not there is a MissingFileError."""
    try:
        return Handle.new("dataset", "dataset_open", pointer, entries, parents=(classes,))
    except errors.NotFoundError as problem:
        given = [options[name] for name in ("images", "annotations", "list", "names") if name in options]
        paths = [path for value in given for path in ([value] if isinstance(value, (str, os.PathLike)) else value)]
        if all(os.path.exists(path) for path in paths):
            raise
        raise errors.MissingFileError(str(problem)) from None
