# SPDX-License-Identifier: Apache-2.0
"""Runs: from a model and a dataset to results."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from checkrob import _library, _options, errors
from checkrob._api import RowCallback
from checkrob._files import write_whole
from checkrob._handle import Handle, held
from checkrob._running import Bar, Calls, Progress, execute
from checkrob.columns import SampleRow
from checkrob.dataset import Dataset, class_map_file, opened
from checkrob.export import archive, is_module
from checkrob.images import Preprocess
from checkrob.model import Model
from checkrob.model import open as open_model
from checkrob.options import Path
from checkrob.results import Results, let_go, named, new_file
from checkrob.rows import Reader
from checkrob.samples import is_samples, samples

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob.options import RunOptions


def score(
    model: Model | Path | Any,
    dataset: Dataset | str | Any | None = None,
    *,
    out: Path | None = None,
    progress: Progress = None,
    on_row: Callable[[SampleRow], object] | None = None,
    **options: Unpack[RunOptions],
) -> Results:
    """Scores a model on annotated images.

    `model`: a Model, the path of an archive, or a module of PyTorch, of which export() makes an archive: `model.pt` in
    `out`, or a temporary one. `dataset`: a Dataset; the name of a format, whose data the options name (images,
    annotations, classes ...); or data of the caller's own, as samples() takes them. `out`: a folder for results.sqlite
    and summary.json, or a file that ends in .sqlite. A run with the same `out` and options resumes. None: the results
    are deleted when they are closed.
    Options are keyword arguments: help(checkrob.Options) lists them.
    `progress`: True, a bar of tqdm; None, a bar on a terminal and in a notebook, if tqdm is there; False, none; or a
    function that is called with the numbers of images done and in all. `on_row` is called with each new sample, on a
    thread of the library's.

    Ctrl-C, or an exception in one of the functions, stops the run after the current batch. What was computed by then is
    stored in `out`, and the exception comes out of score().
    """
    if out is not None:
        named(out)
    if on_row is not None and not callable(on_row):
        raise errors.InvalidArgumentError(f"on_row is {on_row!r}; it takes a function of one row")
    if not isinstance(model, Model) and is_module(model):
        with archive(model, _shape(options), _folder(out)) as path:
            return score(path, dataset, out=out, progress=progress, on_row=on_row, **options)
    if is_samples(dataset):
        classes = cast("Any", options.pop("classes", None))
        with _Kept(samples(dataset, classes)) as data:
            _check_classes(data.dataset)
            return data.given_to(score(model, data.dataset, out=out, progress=progress, on_row=on_row, **options))
    if isinstance(dataset, Dataset):
        _check_classes(dataset)
    owned = not isinstance(model, Model)
    opened_model = model if isinstance(model, Model) else open_model(model, **_without_dataset(options, dataset))
    try:
        given = opened_model._merged(options, {"dataset": dataset} if isinstance(dataset, str) else {})
        if isinstance(dataset, Dataset):
            return _scored(opened_model, dataset, given, out, progress, on_row)
        if "dataset" not in given:
            raise errors.InvalidArgumentError("dataset is not set: pass a Dataset, or the name of a format such as voc")
        with _Kept(opened(given)) as own:
            return own.given_to(_scored(opened_model, own.dataset, given, out, progress, on_row))
    finally:
        if owned:
            opened_model.close()


def _check_classes(dataset: Dataset) -> None:
    if dataset.classes is None:
        raise errors.InvalidArgumentError(
            "the dataset has no classes: pass classes= where it is made, the names of the model's outputs in their "
            "order, or a dictionary of names and outputs"
        )


class _Kept:
    """A dataset that score() opened. Its results take it, because a report needs it, or else it is closed."""

    def __init__(self, dataset: Dataset):
        self.dataset = dataset
        self._is_taken = False

    def given_to(self, results: Results) -> Results:
        results._own_dataset = self.dataset
        self._is_taken = True
        return results

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_taken:
            self.dataset.close()


def _shape(options: Mapping[str, Any]) -> tuple[int, int, int]:
    """Channels, height and width of what the preprocessing makes of an image."""
    source = options.get("preprocess")
    with Preprocess(_options.text({}, "preprocess") if source is None else source) as preprocess:
        channels = 1 if json.loads(preprocess.json).get("channels") == "gray" else 3
        return channels, preprocess.height, preprocess.width


def _folder(out: Path | None) -> str | None:
    """The folder of the results; None for results without one."""
    return None if out is None or named(out).endswith(".sqlite") else named(out)


def _without_dataset(options: Mapping[str, Any], dataset: object) -> dict[str, Any]:
    return {**options, "dataset": dataset} if isinstance(dataset, str) else dict(options)


def _scored(
    model: Model, dataset: Dataset, options: Mapping[str, Any], out: Path | None, progress: Progress,
    on_row: Callable[[SampleRow], object] | None,
) -> Results:  # fmt: skip
    _options.check_data(dataset.options, options)
    merged = _options.merged(dataset.options, options)
    path, temporary = new_file(out)
    try:
        let_go(path)
        _execute(model, dataset, merged, path, progress, on_row)
        if _folder(out) is not None:
            _write_summary(os.path.dirname(path), _with_class_map(merged, dataset, os.path.dirname(path)))
        found = Results(path, {}, temporary)
        found._data = (dataset, model.preprocess, merged)
        _warn_of_failures(found)
        return found
    except errors.OtherOptionsError as problem:
        raise errors.OtherOptionsError(f"{problem}; use another `out`, or remove {out}") from None
    except BaseException:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise


def _warn_of_failures(results: Results) -> None:
    """A run without a single evaluated sample has nothing to say, and a loop over its classes would not say why."""
    totals = results.totals
    if totals.evaluated:
        return
    if totals.samples:
        first = results.table("sample", ["message"])[0]["message"]
        reason = f"all {totals.samples} samples failed. The first: {first}"
    elif not results.option("shard"):  # a shard of few images may be empty
        reason = "the dataset is empty"
    else:
        return
    warnings.warn(
        f"no sample was evaluated: {reason}",
        errors.CheckrobWarning,
        stacklevel=_library.outside(),
    )


def _execute(
    model: Model, dataset: Dataset, options: Mapping[str, Any], path: str, progress: Progress,
    on_row: Callable[[SampleRow], object] | None,
) -> None:  # fmt: skip
    calls = Calls(dataset._problem)
    parents = (model._handle, dataset._handle, model.preprocess._handle)
    callback = _row_callback(calls, on_row) if on_row is not None else None
    with _options.made(options) as made, held(made, *parents) as (o, m, d, p):
        handle = Handle.new("run", "run_new", m, d, p, o, parents=parents, kept=(calls.on_progress, callback))
    try:
        with handle as pointer:
            _library.call("run_store", pointer, _library.path(path))
            _library.call("run_on_progress", pointer, calls.on_progress, None)
            _library.call("run_on_row", pointer, callback, None)
        execute("run", handle, calls, Bar(progress, "score"))
    finally:
        handle.close()


def _row_callback(calls: Calls, on_row: Callable[[SampleRow], object]) -> Any:
    reader = Reader("sample")
    return RowCallback(calls.guarded(lambda row, _: on_row(SampleRow(reader.values(row)))))


def _with_class_map(options: dict[str, Any], dataset: Dataset, folder: str) -> dict[str, Any]:
    """The options with a file for a class map from memory."""
    if dataset.classes is None or isinstance(options.get("classes"), (str, os.PathLike)):
        return options
    return {**options, "classes": class_map_file(dataset.classes, folder)}


def _write_summary(folder: str, options: Mapping[str, Any]) -> None:
    """The options in force, from which the command's report, explain and others find the data again."""
    text = ctypes.c_void_p()
    with _options.made(options) as made, made as pointer:
        _library.call("options_json_in_force", ctypes.byref(text), pointer)
    try:
        recorded = json.loads(ctypes.string_at(text.value or 0))
    finally:
        _library.get().checkrob_options_json_free(text)
    summary = {"checkrob": _library.get().checkrob_version().decode(), "options": recorded}
    write_whole(os.path.join(folder, "summary.json"), json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
