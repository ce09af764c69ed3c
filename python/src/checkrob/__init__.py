# SPDX-License-Identifier: Apache-2.0
"""checkrob checks what an image classifier looks at.

    import checkrob

    model = checkrob.open("model.pt")
    data = checkrob.dataset("voc", images="photos", annotations="xml", classes="map.csv")
    results = checkrob.score(model, data)
    for row in results.classes:
        print(row.class_, row.acc, row.crs, row.verdict)

docs/python.md is the manual; options and columns are described in checkrob.options and checkrob.columns.
"""

from checkrob._api import VERSION as __version__
from checkrob.arrays import Array
from checkrob.dataset import ClassMap, Dataset, dataset
from checkrob.errors import (
    BadInputError,
    CheckrobError,
    CheckrobWarning,
    ClosedError,
    InputOutputError,
    InterruptedRunError,
    InvalidArgumentError,
    LibraryError,
    LimitError,
    MissingFileError,
    MissingPackageError,
    ModelUnsupportedError,
    NoObjectError,
    NotFoundError,
    NumericError,
    OtherOptionsError,
    OutOfMemoryError,
    UnknownOptionError,
    UnsupportedError,
)
from checkrob.explanation import Explanation
from checkrob.export import Export, ExportError, export
from checkrob.extraction import Representations
from checkrob.images import Image, Preprocess, image
from checkrob.model import Layer, Model, open
from checkrob.options import Options
from checkrob.reports import Gate, Violation
from checkrob.results import Results, compare, merge, results
from checkrob.rows import Row, Table
from checkrob.run import score
from checkrob.samples import Object, Sample, Samples, samples

__all__ = [
    "Array",
    "BadInputError",
    "CheckrobError",
    "CheckrobWarning",
    "ClassMap",
    "ClosedError",
    "Dataset",
    "Explanation",
    "Export",
    "ExportError",
    "Gate",
    "Image",
    "InputOutputError",
    "InterruptedRunError",
    "InvalidArgumentError",
    "Layer",
    "LibraryError",
    "LimitError",
    "MissingFileError",
    "MissingPackageError",
    "Model",
    "ModelUnsupportedError",
    "NoObjectError",
    "NotFoundError",
    "NumericError",
    "Object",
    "Options",
    "OtherOptionsError",
    "OutOfMemoryError",
    "Preprocess",
    "Representations",
    "Results",
    "Row",
    "Sample",
    "Samples",
    "Table",
    "UnknownOptionError",
    "UnsupportedError",
    "Violation",
    "__version__",
    "compare",
    "dataset",
    "export",
    "image",
    "merge",
    "open",
    "results",
    "samples",
    "score",
]
