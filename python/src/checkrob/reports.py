# SPDX-License-Identifier: Apache-2.0
"""The report of results, and the gate that judges them: Results.report() and Results.gate()."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, errors
from checkrob._api import GateFormat, ViolationKind
from checkrob._api import Violation as _Violation
from checkrob._handle import Handle, Owner, held
from checkrob._running import Bar, Calls, Progress, run
from checkrob.images import Preprocess
from checkrob.options import Path

if TYPE_CHECKING:
    from checkrob.dataset import Dataset
    from checkrob.results import Results


PICTURES = 100  # of a class


@dataclass(frozen=True)
class Violation:
    """A condition, and the class that violates it."""

    #: verdict, condition, failures or unjudged.
    kind: str
    #: Whether the baseline does not have it.
    is_new: bool
    #: "" without a class.
    class_: str
    title: str
    #: The class's output index; None without one.
    index: int | None
    condition: str
    verdict: str
    #: The reason, with the numbers, in one line.
    message: str


class Gate(Owner):
    """Conditions that results must not meet, and what violates them. Results.gate() makes one."""

    def __init__(self, handle: Handle):
        self._own(handle)
        library = _library.get()
        with handle as pointer:
            #: Whether there is a new violation.
            self.is_closed: bool = bool(library.checkrob_gate_is_closed(pointer))
            #: The conditions in words.
            self.conditions = [
                _library.text(library.checkrob_gate_condition(pointer, i))
                for i in range(library.checkrob_gate_condition_count(pointer))
            ]
            self.violations = [_violation(pointer, i) for i in range(library.checkrob_gate_violation_count(pointer))]
            #: What a person should know although it closes no gate.
            self.remarks = [
                _library.text(library.checkrob_gate_remark(pointer, i))
                for i in range(library.checkrob_gate_remark_count(pointer))
            ]

    def report(self, format: str = "json") -> str:
        """What the gate found, for other programs: json, junit, sarif or github."""
        kinds = {kind.name.lower(): kind for kind in GateFormat}
        if format not in kinds:
            raise errors.NotFoundError(f"there is no format {format!r}; there are {', '.join(kinds)}")
        text = ctypes.c_void_p()
        with self._handle as pointer:
            _library.call("gate_report", ctypes.byref(text), pointer, kinds[format])
        try:
            return _library.text(ctypes.string_at(text.value or 0))
        finally:
            _library.get().checkrob_gate_report_free(text)

    def __repr__(self) -> str:
        return f"<checkrob.Gate, {'closed' if self.is_closed else 'open'}: {len(self.violations)} violations>"


def _violation(gate: int, index: int) -> Violation:
    found = _Violation.new()
    _library.call("gate_violation", ctypes.byref(found), gate, index)
    text = _library.text
    return Violation(
        kind=ViolationKind(found.kind).name.lower(),
        is_new=bool(found.is_new),
        class_=text(found.class_name),
        title=text(found.title),
        index=None if found.index == -1 else found.index,
        condition=text(found.condition),
        verdict=text(found.verdict),
        message=text(found.message),
    )


def judge(
    results: Results,
    fail_on: str | Iterable[str],
    fail_if: str | Iterable[str],
    limit: object,
    baseline: Results | None,
) -> Gate:
    handle = Handle.new("gate", "gate_new")
    with handle as gate:
        verdicts = fail_on if isinstance(fail_on, str) else ",".join(fail_on)
        if verdicts:
            _library.call("gate_fail_on", gate, _library.encoded(verdicts))
        for condition in [fail_if] if isinstance(fail_if, str) else fail_if:
            if condition:
                _library.call("gate_fail_if", gate, _library.encoded(condition))
        if limit is not None:
            _library.call("gate_max_failures", gate, _library.encoded(str(limit)))
        with ExitStack() as stack:
            judged = stack.enter_context(results._using())
            before = None if baseline is None else stack.enter_context(baseline._using())
            _library.call("gate_judge", gate, judged, before)
    return Gate(handle)


@dataclass(frozen=True)
class Written:
    """A report that was written."""

    path: str
    pictures: int
    #: Images that were gone or could not be read.
    missing: int


def write(
    results: Results, path: Path, dataset: Dataset | None, preprocess: Preprocess | None, options: Mapping[str, Any],
    before: Results | None, pictures: int | None, progress: Progress,
) -> Written:  # fmt: skip
    library, calls, bar = _library.get(), Calls(), Bar(progress, "report")
    with ExitStack() as stack:
        judged = stack.enter_context(results._using())
        handle = Handle.new("html", "html_new", judged, kept=calls.on_progress)
        stack.callback(handle.close)
        report = stack.enter_context(handle)
        if dataset is not None:
            used = preprocess or Preprocess(_options.text(options, "preprocess"))
            made = stack.enter_context(_options.made(options))
            d, p, o = stack.enter_context(held(dataset._handle, used._handle, made))
            _library.call("html_set_data", report, d, p, o)
        if before is not None:
            _library.call("html_set_before", report, stack.enter_context(before._using()))
        if pictures is not None:
            _library.call("html_set_images", report, _library.integer("pictures", pictures, 0, PICTURES))
        _library.call("html_on_progress", report, calls.on_progress, None)

        def work() -> None:
            with handle as pointer:
                _library.call_with_path(os.fspath(path), "html_write", pointer, _library.path(path))

        run(work, calls, bar)
        return Written(os.fspath(path), library.checkrob_html_pictures(report), library.checkrob_html_missing(report))
