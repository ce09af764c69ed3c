# SPDX-License-Identifier: Apache-2.0
"""FiftyOne: its datasets and views are scored, and results become fields of their samples.

from checkrob.adapters import fiftyone as adapter

data = adapter.samples(view, classes=["cat", "dog"])
results = checkrob.score(model, data)
adapter.store(view, results)                   # checkrob_rs, checkrob_verdict ...
adapter.store_heat_maps(view, results, model)  # checkrob_map
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkrob import _library, errors
from checkrob.adapters._placing import placed
from checkrob.dataset import Classes, ClassMap
from checkrob.model import Model
from checkrob.results import Results
from checkrob.samples import Object, Sample, Samples
from checkrob.samples import samples as make_samples


def samples(collection: Any, classes: Classes | ClassMap, *, field: str = "ground_truth") -> Samples:
    """A dataset for checkrob.score of a FiftyOne dataset or view.

    `field` has Detections or Polylines, or one of them. Labels are names. An image's name is its path. A mask of a
    detection counts where the sample's metadata has the image's size (collection.compute_metadata()); elsewhere its box
    does.
    """
    if collection.media_type != "image":
        raise errors.InvalidArgumentError(f"checkrob scores images, and this collection has {collection.media_type}")
    if not collection.has_sample_field(field):
        raise errors.InvalidArgumentError(f"the samples have no field {field!r}: name one with Detections or Polylines")
    return make_samples(_Collection(collection, field), classes)


class _Collection:
    """The samples by number. Each is read from the database when it is needed."""

    def __init__(self, collection: Any, field: str):
        self._collection, self._field = collection, field
        self._ids = collection.values("id")

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, number: int) -> Sample:
        sample = self._collection[self._ids[number]]
        label, size = sample[self._field], _size(sample)
        found = [] if label is None else _listed(label)
        in_pixels = size is not None and any(getattr(shape, "mask", None) is not None for shape in found)
        objects = [made for shape in found for made in _objects(shape, size if in_pixels else None)]
        return Sample(sample.filepath, objects, sample.filepath, relative=not in_pixels)


def _size(sample: Any) -> tuple[int, int] | None:
    """Width and height, if the metadata have them."""
    metadata = sample.metadata
    width, height = getattr(metadata, "width", None), getattr(metadata, "height", None)
    return (int(width), int(height)) if width and height else None


def _listed(label: Any) -> list[Any]:
    for name in ("detections", "polylines"):
        if hasattr(label, name):
            return list(getattr(label, name))
    if hasattr(label, "bounding_box") or hasattr(label, "points"):
        return [label]
    raise errors.InvalidArgumentError(
        f"{type(label).__name__} does not say where objects are: Detections and Polylines do"
    )


def _objects(shape: Any, size: tuple[int, int] | None) -> list[Object]:
    """The object of a detection, or those of a polyline. In pixels if the size is given, else in shares of the "
    "sides."""
    width, height = size or (1, 1)
    crowd = bool(shape["iscrowd"]) if shape.has_field("iscrowd") and shape["iscrowd"] is not None else False
    if hasattr(shape, "points"):
        lines = [[(x * width, y * height) for x, y in line] for line in shape.points]
        return [Object(shape.label, polygon=line, crowd=crowd) for line in lines]
    x, y, w, h = shape.bounding_box
    box = [x * width, y * height, (x + w) * width, (y + h) * height]
    mask = None if size is None or shape.mask is None else _whole_mask(shape.mask, box, size)
    return [Object(shape.label, box=box, mask=mask, crowd=crowd)]


def _whole_mask(mask: Any, box: list[float], size: tuple[int, int]) -> Any:
    """A mask of the image's size. FiftyOne stores that of the box, from the pixel to which its corner is rounded."""
    numpy = _library.package("numpy", "masks of FiftyOne")
    left, top = round(box[0]), round(box[1])
    whole = numpy.zeros((size[1], size[0]), numpy.uint8)
    part = numpy.asarray(mask)[: size[1] - top, : size[0] - left] != 0
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


FIELDS = {
    "class": "class",
    "rs": "rs",
    "logit": "logit",
    "predicted": "predicted",
    "status": "status",
    "message": "message",
}


def store(collection: Any, results: Results, *, prefix: str = "checkrob_") -> int:
    """Writes results into fields of the samples; returns the number of samples that have some.

    Of an image with several classes, the class with the lowest RS counts. The fields are the prefix with class, rs,
    logit, predicted, status and message of that sample, and verdict and crs of its class. Samples without results keep
    theirs.
    """
    classes = {row.class_: row for row in results.classes}
    lowest = _lowest(results)
    values: dict[str, dict[str, Any]] = {name: {} for name in [*FIELDS, "verdict", "crs"]}
    for image, row in lowest.items():
        for name, column in FIELDS.items():
            values[name][image] = row[column] if row.has(column) else None
        result = classes.get(row.class_)
        values["verdict"][image] = None if result is None else result.verdict
        values["crs"][image] = result.crs if result is not None and result.has("crs") else None
    ids = _ids(collection, lowest)
    for name, by_image in values.items():
        known = {ids[image]: value for image, value in by_image.items() if image in ids}
        collection.set_values(prefix + name, known, key_field="id")
    return len(ids)


def store_heat_maps(
    collection: Any, results: Results, model: Model, *, field: str = "checkrob_map", limit: int | None = None
) -> int:
    """Writes the saliency map of each sample as a fiftyone.Heatmap, from 0 to 1; returns their number.

    The maps are computed now, for the classes and the images of store(), with the model's options, the lowest RS first;
    `limit`: so many. A map covers the image, and is 0 where the preprocessing cuts it off.
    """
    fiftyone = _library.package("fiftyone", "heat maps")
    rows = sorted((row for row in _lowest(results).values() if row.status == "ok"), key=lambda row: row.rs)
    ids = _ids(collection, {row.image: row for row in rows})
    maps = {}
    for row in [row for row in rows if row.image in ids][:limit]:
        with model.explain(row.image, row.index) as explanation:
            maps[ids[row.image]] = fiftyone.Heatmap(map=placed(explanation), range=[0, 1])
    collection.set_values(field, maps, key_field="id")
    return len(maps)


def _lowest(results: Results) -> dict[str, Any]:
    """The row of each image with the lowest RS; a failed one only where there is no other."""
    lowest: dict[str, Any] = {}
    for row in results.table("sample", ["image", "class", "index", "rs", "logit", "predicted", "status", "message"]):
        known = lowest.get(row.image)
        if known is None or (row.has("rs") and not (known.has("rs") and known.rs <= row.rs)):
            lowest[row.image] = row
    return lowest


def _ids(collection: Any, images: Mapping[str, Any]) -> dict[str, str]:
    """The ids of samples by path, of these images."""
    paths, ids = collection.values(["filepath", "id"])
    return {path: number for path, number in zip(paths, ids) if path in images}
