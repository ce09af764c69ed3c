# SPDX-License-Identifier: Apache-2.0
"""What type checkers know of the package: mypy --strict reads this file (tests/ci/lint.sh); nothing runs it.

A line with `type: ignore` must have that error: mypy complains about an ignore that nothing needs.
"""

from __future__ import annotations

from pathlib import Path

import checkrob


def use() -> None:
    model = checkrob.open(Path("model.pt"), preprocess={"resize": 224}, method="gradcam", threads=4)
    data = checkrob.dataset("voc", images=["a", Path("b")], annotations="xml", classes={"cat": 1}, ignore=["crowd"])
    results = checkrob.score(model, data, out="results", progress=print, probe="verdict", verdict_level=0.9)
    for row in results.classes:
        shares: float = row.acc + row.crs
        name: str = row.class_ + row.verdict
        index: int | None = row.index
        print(shares, name, index)
    first: checkrob.Row = results.samples[0]
    print(first["rs"])
    explanation = model.explain(b"...", 3, method="layercam", layer="layer4")
    shape: tuple[int, ...] = explanation.map.shape
    print(shape, memoryview(explanation.map), model.extract("photos", "layer4", pool="mean").array)


def misuse(model: checkrob.Model, data: checkrob.Dataset, results: checkrob.Results) -> None:
    checkrob.score(model, data, metho="gradcam")  # type: ignore[call-arg]
    checkrob.score(model, data, method="grad-cam")  # type: ignore[arg-type]
    checkrob.score(model, data, batch="16")  # type: ignore[arg-type]
    checkrob.dataset("voc", images=3)  # type: ignore[arg-type]
    model.explain("a.png", "cat")  # type: ignore[arg-type]
    print(results.classes[0].crss)  # type: ignore[attr-defined]
    print(results.classes[0].verdict + 1)  # type: ignore[operator]
