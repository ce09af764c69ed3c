# SPDX-License-Identifier: Apache-2.0
"""How notebooks show results and explanations. Everything that comes from data is escaped."""

from __future__ import annotations

import base64
import math
import os
import tempfile
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checkrob.columns import ClassRow
    from checkrob.explanation import Explanation
    from checkrob.images import Image
    from checkrob.results import Results
    from checkrob.rows import Table

ROWS = 100  # a table of more classes says how many it leaves out
SIDE = 640  # the longest side of a picture; a smaller image is shown larger, up to WIDTH
WIDTH = 256

# Text on a background of its own, so that it can be read in light and dark notebooks: contrast 7 and more.
COLOURS = {
    "non-robust": ("#fbe3da", "#7a2206"),
    "doubtful": ("#fdf0cd", "#5c3d00"),
    "not enough data": ("#e6e8eb", "#3d434b"),
    "not suspicious": ("#dcecf7", "#07405f"),
    "no dependence found": ("#d9f0f1", "#05474e"),
    "robust": ("#daf1e3", "#074a2a"),
}
CELL = "padding:2px 10px;vertical-align:top;text-align:"
HEAD = (("class", "left"), ("images", "right"), ("accuracy", "right"), ("CRS", "right"), ("object-blind", "right"),
        ("verdict", "left"), ("reason", "left"))  # fmt: skip


def results_html(results: Results) -> str:
    """The table of classes, the least robust first, and the counts of the run."""
    rows = [_row(results.classes[i]) for i in range(min(len(results.classes), ROWS))]
    left_out = len(results.classes) - len(rows)
    if left_out > 0:
        more = f"and {left_out} more classes: to_pandas()"
        rows.append(f'<tr><td colspan="{len(HEAD)}" style="{CELL}left">{more}</td></tr>')
    head = "".join(f'<th scope="col" style="{CELL}{side}">{name}</th>' for name, side in HEAD)
    return (
        f'<table><caption style="text-align:left">{escape(_caption(results))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


# Columns of a printed table; of other tables as many as fit.
PRINTED = {"class": ("class", "images", "failed", "acc", "crs", "rs0", "verdict")}
PRINTED_ROWS, PRINTED_WIDTH, PRINTED_TEXT = 20, 100, 40


def table_text(table: Table[Any]) -> str:
    """The first rows of a table for a terminal, a column for each of the main values."""
    if not len(table):
        return f"the table {table.name!r} has no rows"
    rows = table[:PRINTED_ROWS]
    lines = [""] * (len(rows) + 1)
    for name in PRINTED.get(table.name, table.columns):
        is_text = table.columns[name].type == "text"
        cells = [name, *(_cell(row[name]) for row in rows)]
        width = max(map(len, cells))
        wider = [line + (f"{c:<{width}}" if is_text else f"{c:>{width}}") + "  " for line, c in zip(lines, cells)]
        if len(wider[0]) - 2 > PRINTED_WIDTH:
            break
        lines = wider
    lines = [line.rstrip() for line in lines]
    if len(table) > len(rows):
        lines.append(f"and {len(table) - len(rows)} more rows of {len(table.columns)} columns: to_pandas()")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    text = value if isinstance(value, str) else f"[{len(value)}]" if hasattr(value, "shape") else str(value)
    return text if len(text) <= PRINTED_TEXT else text[: PRINTED_TEXT - 3] + "..."


def _caption(results: Results) -> str:
    totals = results.totals
    parts = [f"checkrob: {totals.samples} samples, {len(results.classes)} classes"]
    if totals.failed:
        parts.append(f"{totals.failed} failed")
    if not results.complete:
        parts.append("the run is not complete")
    return ", ".join(parts)


def _row(row: ClassRow) -> str:
    name = row.title if row.has("title") else row.class_
    back, text = COLOURS.get(row.verdict, COLOURS["not enough data"])
    verdict = (
        f'<span style="background:{back};color:{text};padding:1px 8px;border-radius:8px;white-space:nowrap">'
        f"{escape(row.verdict)}</span>"
    )
    numbers = (str(row.images), _share(row.acc), _number(row.crs), _number(row.rs0))
    cells = (escape(name), *numbers, verdict, escape(row.reason))
    return "<tr>" + "".join(f'<td style="{CELL}{side}">{cell}</td>' for cell, (_, side) in zip(cells, HEAD)) + "</tr>"


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.0f} %"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def explanation_html(explanation: Explanation) -> str | None:
    """The overlay with a caption; None if an input was explained of which there is no image."""
    data = explanation_png(explanation)
    if data is None:
        return None
    caption = f"class {explanation.target}, {explanation.method} at {explanation.layer or 'the input'}"
    return (
        f'<figure style="margin:0"><img alt="saliency map over the image: {escape(caption)}" '
        f'style="min-width:{WIDTH}px" src="data:image/png;base64,{base64.b64encode(data).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def explanation_png(explanation: Explanation) -> bytes | None:
    if not explanation.has_image:
        return None
    with explanation.overlay(longest_side=SIDE) as picture:
        return png(picture)


def png(image: Image) -> bytes:
    """The bytes of a PNG file."""
    with tempfile.TemporaryDirectory(prefix="checkrob-") as folder:
        path = os.path.join(folder, "image.png")
        image.save(path)
        with open(path, "rb") as file:
            return file.read()
