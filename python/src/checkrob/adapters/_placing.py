# SPDX-License-Identifier: Apache-2.0
"""Where a saliency map lies on its image."""

from __future__ import annotations

import json
from typing import Any

from checkrob import _library
from checkrob.explanation import Explanation


def placed(explanation: Explanation) -> Any:
    """A NumPy array, float32, of the resized image's size, which covers the whole image: the map inside of the crop,
    and 0 where the preprocessing cuts the image off."""
    numpy = _library.package("numpy", "maps over whole images")
    preprocess = explanation._preprocess
    map_ = numpy.asarray(explanation.upsampled())
    width, height = resized(json.loads(preprocess.json), *explanation.image_size)
    whole = numpy.zeros((height, width), numpy.float32)
    top, left = round((height - map_.shape[0]) / 2), round((width - map_.shape[1]) / 2)
    whole[top : top + map_.shape[0], left : left + map_.shape[1]] = map_
    return whole


def resized(preprocess: dict[str, Any], width: int, height: int) -> tuple[int, int]:
    """Width and height of an image before the crop (include/checkrob/preprocess.h)."""
    size = preprocess.get("resize")
    if size is None:
        return width, height
    if isinstance(size, list):
        return int(size[1]), int(size[0])
    short = min(width, height)
    return (size if width == short else size * width // short), (size if height == short else size * height // short)
