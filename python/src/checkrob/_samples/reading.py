# SPDX-License-Identifier: Apache-2.0
"""From what a dataset in Python returns to one form: a Sample."""

from __future__ import annotations

import operator
import os
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checkrob import errors
from checkrob.dataset import ClassMap


@dataclass
class Object:
    """One annotated object. Of its box, polygon and mask at least one is set."""

    #: The class: a name, or a number as in `names` of samples().
    label: Any
    #: x1, y1, x2, y2 in pixels, from the left and top edge; x2 and y2 after the last pixel.
    box: Any = None
    #: [[x, y], ...] in pixels.
    polygon: Any = None
    #: [H, W] of the image, not 0 on the object. With a mask, box and polygon do not count.
    mask: Any = None
    difficult: bool = False
    truncated: bool = False
    #: Many objects in one region.
    crowd: bool = False


@dataclass
class Sample:
    """An image with its objects."""

    #: What checkrob.image() takes, a URL of fsspec, or a function that returns either.
    image: Any
    objects: Sequence[Object] = ()
    #: The image's name in the results, unique. Without it, its path or URL, or else "input 17".
    name: str | None = None
    #: Boxes and polygons are shares of the image's width and height, 0 to 1.
    relative: bool = False


class Names:
    """The names of labels."""

    def __init__(self, names: Sequence[str] | None, classes: ClassMap | None):
        self._names = None if names is None else [str(name) for name in names]
        self._classes = classes

    def of(self, label: Any) -> str:
        if isinstance(label, str):
            return label
        try:
            number = operator.index(label.item() if hasattr(label, "item") else label)
        except (TypeError, ValueError):
            raise errors.InvalidArgumentError(f"a label is a name or a number, not {label!r}") from None
        if self._names is not None:
            if not 0 <= number < len(self._names):
                raise errors.InvalidArgumentError(
                    f"the label is {number}, but there are {len(self._names)} names of classes"
                )
            return self._names[number]
        name = "" if self._classes is None else self._classes.name(number)
        if not name:
            raise errors.InvalidArgumentError(f"no class in the class map has the output {number}, which is the label")
        return name

    def named(self, sample: Sample) -> Sample:
        """The sample with names for labels."""
        objects = [replace(found, label=self.of(found.label)) for found in sample.objects]
        return replace(sample, objects=objects)


def read_item(item: Any) -> Sample:
    if isinstance(item, Sample):
        return item
    if isinstance(item, Mapping):
        if "image" not in item:
            raise errors.InvalidArgumentError(f"an item has no image: its keys are {', '.join(map(str, item))}")
        return _with_target(item["image"], item)
    if isinstance(item, (tuple, list)) and not _is_pixels(item):
        return _from_tuple(item)
    return Sample(item)


def _is_pixels(item: Sequence[Any]) -> bool:
    return isinstance(item, list) and bool(item) and isinstance(item[0], (list, int))


def _from_tuple(item: Sequence[Any]) -> Sample:
    if not 1 <= len(item) <= 3:
        raise errors.InvalidArgumentError(f"an item has {len(item)} parts; it is (image, label, boxes or mask)")
    image = item[0]
    if len(item) == 1 or (len(item) == 2 and item[1] is None):
        return Sample(image)
    if len(item) == 2 and isinstance(item[1], Mapping):
        return _with_target(image, item[1])
    if len(item) == 2:
        return _with_target(image, {"labels": item[1]})
    if isinstance(item[2], Mapping):
        return _with_target(image, {"labels": item[1], **item[2]})
    return _with_target(image, {"labels": item[1], "masks" if _is_mask(item[2]) else "boxes": item[2]})


def _with_target(image: Any, target: Mapping[str, Any]) -> Sample:
    boxes, masks = _first(target, "boxes", "box"), _first(target, "masks", "mask")
    box_list = None if boxes is None else box_rows(boxes)
    mask_list = None if masks is None else _mask_rows(masks)
    labels = _first(target, "labels", "label")
    regions = mask_list if mask_list is not None else box_list
    count = len(regions) if regions is not None else 0
    each = _each(labels, count)
    crowds = list(_each(target.get("iscrowd"), count)) if target.get("iscrowd") is not None else [False] * count
    name = target.get("name")
    objects = [
        Object(each[i], box=box_list[i] if mask_list is None and box_list is not None else None,
               mask=None if mask_list is None else mask_list[i], crowd=bool(crowds[i]))
        for i in range(count)
    ]  # fmt: skip
    if regions is None and labels is not None:
        objects = [Object(label) for label in _each(labels, None)]
    return Sample(image, objects, None if name is None else str(name))


def _first(target: Mapping[str, Any], *keys: str) -> Any:
    return next((target[key] for key in keys if target.get(key) is not None), None)


def _each(labels: Any, count: int | None) -> list[Any]:
    """A label for each of `count` objects: one may stand for all. None: as many as there are labels."""
    if labels is None:
        raise errors.InvalidArgumentError("there are boxes or masks without labels")
    dimensions = getattr(labels, "ndim", None)
    is_one = isinstance(labels, str) or dimensions == 0 or not hasattr(labels, "__len__")
    found = [labels] * (1 if count is None else count) if is_one else list(labels)
    if count is not None and len(found) == 1:
        found = found * count
    if count is not None and len(found) != count:
        raise errors.InvalidArgumentError(f"there are {len(found)} labels, but {count} boxes or masks")
    return found


def _is_mask(region: Any) -> bool:
    """Boxes have four numbers each, and no bool or bytes."""
    shape = shape_of(region)
    if len(shape) == 3 or hasattr(region, "convert"):
        return True
    kind = str(getattr(region, "dtype", ""))
    return len(shape) == 2 and (shape[1] != 4 or kind.endswith(("bool", "int8")))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array, a tensor or nested lists."""
    if hasattr(value, "shape"):
        return tuple(int(n) for n in value.shape)
    if isinstance(value, (list, tuple)):
        return (len(value), *(shape_of(value[0]) if value else ()))
    return ()


def box_rows(boxes: Any) -> list[list[float]]:
    """x1, y1, x2, y2 of each box: torchvision's BoundingBoxes say in which form they are."""
    rows = (
        boxes.tolist()
        if hasattr(boxes, "tolist")
        else [row.tolist() if hasattr(row, "tolist") else row for row in boxes]
    )
    if rows and not isinstance(rows[0], (list, tuple)):
        rows = [rows]
    form = getattr(getattr(boxes, "format", None), "name", "XYXY")
    if form not in ("XYXY", "XYWH", "CXCYWH"):
        raise errors.InvalidArgumentError(f"boxes of the form {form} are not known; convert them to XYXY")
    for row in rows:
        if len(row) != 4:
            raise errors.InvalidArgumentError(f"a box has four numbers, x1, y1, x2, y2, not {len(row)}")
    if form == "XYWH":
        rows = [[x, y, x + w, y + h] for x, y, w, h in rows]
    if form == "CXCYWH":
        rows = [[x - w / 2, y - h / 2, x + w / 2, y + h / 2] for x, y, w, h in rows]
    return [[float(v) for v in row] for row in rows]


def _mask_rows(masks: Any) -> list[Any]:
    if hasattr(masks, "convert"):  # Pillow
        return [masks]
    if isinstance(masks, (list, tuple)) and masks and (hasattr(masks[0], "shape") or hasattr(masks[0], "convert")):
        return list(masks)
    shape = shape_of(masks)
    if len(shape) == 2:
        return [masks]
    if len(shape) == 3 and shape[2] == 1 < shape[0]:
        return [masks]  # [H, W, 1]
    if len(shape) == 3:
        return list(masks)
    if shape in ((0,), ()):
        return []
    raise errors.InvalidArgumentError(f"masks are [H, W] or [n, H, W], not {list(shape)}")


def url_of(image: Any) -> str | None:
    """The text of a URL, s3://..., or None. A path of one letter before the colon is a drive."""
    if not isinstance(image, (str, os.PathLike)):
        return None
    text = os.fspath(image)
    scheme, found, _ = text.partition("://") if isinstance(text, str) else ("", "", "")
    is_url = bool(found) and len(scheme) > 1 and scheme.replace("+", "").replace("-", "").replace(":", "").isalnum()
    return str(text) if is_url else None


def local_path(url: str) -> str | None:
    """The path of a file:// URL, which the library reads itself; else None."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.unquote(parts.path) if parts.scheme == "file" and parts.netloc in ("", "localhost") else None
