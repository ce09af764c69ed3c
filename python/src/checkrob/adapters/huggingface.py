# SPDX-License-Identifier: Apache-2.0
"""Hugging Face `datasets`.

from checkrob.adapters import huggingface

rows = datasets.load_dataset("cppe-5", split="test")
results = checkrob.score(model, huggingface.samples(rows))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkrob import _library, errors
from checkrob.dataset import Classes, ClassMap
from checkrob.samples import Object, Sample, Samples
from checkrob.samples import samples as make_samples


def samples(
    dataset: Any,
    classes: Classes | ClassMap | None = None,
    *,
    image: str = "image",
    objects: str = "objects",
    boxes: str = "bbox",
    labels: str = "category",
    box_format: str = "xywh",
    label: str = "label",
    mask: str = "mask",
    name: str | None = None,
) -> Samples:
    """A dataset for checkrob.score of a datasets.Dataset, with the classes of its labels.

    The column `objects` has boxes and labels, as in the object detection sets of the Hub: `boxes` in `box_format`
    (xywh, as in COCO, or xyxy), in pixels, and `labels`. Without it, the columns `label` and `mask` have one object.
    `image` is the column of images, and `name` that of the images' names; without it they are "input 17".
    `classes`: a class map; by default the names of the labels' feature in their order. Images are decoded by checkrob.
    """
    package = _library.package("datasets", "an adapter for Hugging Face datasets")
    if not isinstance(dataset, package.Dataset):
        advice = "choose a split" if isinstance(dataset, Mapping) else "load it without streaming=True"
        raise errors.InvalidArgumentError(f"a datasets.Dataset is needed, not {type(dataset).__name__}: {advice}")
    if box_format not in ("xywh", "xyxy"):
        raise errors.InvalidArgumentError(f"box_format is xywh or xyxy, not {box_format!r}")
    found = set(dataset.column_names)
    has_objects = objects in found
    needed = {image} | ({objects} if has_objects else {label, mask}) | ({name} if name is not None else set())
    if needed - found:
        raise errors.InvalidArgumentError(
            f"the dataset has no column {', '.join(sorted(needed - found))}; it has {', '.join(sorted(found))}"
        )
    feature = _category(dataset.features[objects], labels) if has_objects else dataset.features[label]
    names = getattr(feature, "names", None)
    rows = dataset.select_columns(sorted(needed)).cast_column(image, package.Image(decode=False))

    def convert(row: Mapping[str, Any]) -> Sample:
        if has_objects:
            made = _objects(row[objects], boxes, labels, box_format)
        else:
            made = [Object(row[label], mask=row[mask])]
        return Sample(_encoded(row[image]), made, None if name is None else str(row[name]))

    return make_samples(rows, names if classes is None else classes, convert=convert, names=names)


def _category(feature: Any, labels: str) -> Any:
    """The feature of one label inside of that of the objects, in the versions of the package."""
    inner = getattr(feature, "feature", feature)
    inner = inner[0] if isinstance(inner, list) else inner
    if labels not in inner:
        raise errors.InvalidArgumentError(f"the objects have no {labels!r}; they have {', '.join(inner)}")
    inner = inner[labels]
    inner = inner[0] if isinstance(inner, list) else inner
    return getattr(inner, "feature", inner)


def _objects(found: Any, boxes: str, labels: str, box_format: str) -> list[Object]:
    rows = zip(found[boxes], found[labels]) if isinstance(found, Mapping) else ((o[boxes], o[labels]) for o in found)
    return [Object(label, box=_corners(box, box_format)) for box, label in rows]


def _corners(box: Any, box_format: str) -> list[float]:
    x, y, third, fourth = (float(value) for value in box)
    return [x, y, x + third, y + fourth] if box_format == "xywh" else [x, y, third, fourth]


def _encoded(image: Mapping[str, Any] | None) -> Any:
    """The bytes of the image's file, or its path; None if the table has none."""
    if image is None:
        return None
    return image["bytes"] if image.get("bytes") is not None else image["path"]
