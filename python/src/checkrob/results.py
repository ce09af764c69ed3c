# SPDX-License-Identifier: Apache-2.0
"""Results: the tables of a run, in memory or in a file."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, errors
from checkrob._api import RowCallback
from checkrob._files import absolute
from checkrob._handle import Handle, held
from checkrob._running import Calls, Progress, in_turns, run
from checkrob.columns import ClassRow, ComparisonRow, SampleRow, TotalsRow
from checkrob.display import results_html
from checkrob.options import DECLARED, Path
from checkrob.reports import Gate, Written, judge, write
from checkrob.rows import Reader, Row, Table

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob.dataset import Dataset
    from checkrob.images import Preprocess
    from checkrob.options import ImageOptions, Options

FILE = "results.sqlite"
# Options by which stored samples are judged; all others were used to compute them.
JUDGING = frozenset(name for name, option in DECLARED.items() if option.group == "verdict") | {"top_k"}
_open: weakref.WeakSet[Results] = weakref.WeakSet()
_open_lock = threading.Lock()


class Results:
    """The results of a run: a row for each sample and each class.

    checkrob.score() returns them, and checkrob.results() opens a file. A context manager; what is not closed is closed
    when Python collects it. Classes and totals stay readable after that.
    """

    def __init__(self, path: str, options: Mapping[str, Any], temporary: str | None = None):
        self.path = path
        self._options = dict(options)
        self._lock = threading.RLock()  # only one thread may use the library's object
        self._handle: Handle | None = None
        self._closed = False
        self._samples: Table[SampleRow] | None = None
        # What score() scored.
        self._data: tuple[Dataset, Preprocess, dict[str, Any]] | None = None
        self._own_dataset: Dataset | None = None  # which score() opened, and nobody else closes
        self._holder: list[Handle] = []
        self._finalizer = weakref.finalize(self, _clean, self._holder, temporary, os.getpid())
        with self._using() as pointer:
            library = _library.get()
            reader = Reader("class")
            count = library.checkrob_results_class_count(pointer)
            table: Table[ClassRow] = Table("class", reader.columns, ClassRow)
            for rank in range(count):
                table.append(reader.values(library.checkrob_results_class(pointer, rank)))
            #: The classes, the least robust first.
            self.classes: Table[ClassRow] = table
            #: Counts of the whole run.
            self.totals: TotalsRow = TotalsRow(Reader("totals").values(library.checkrob_results_totals(pointer)))
            #: Whether there is a row for every sample; for a merged file: all shards were there.
            self.complete: bool = bool(library.checkrob_results_complete(pointer))
        with _open_lock:
            _open.add(self)

    @property
    def samples(self) -> Table[SampleRow]:
        """All samples, with all columns. For very many, table() reads some columns, and each() a row at a time."""
        if self._samples is None:
            self._samples = self.table("sample")
        return self._samples

    def table(self, name: str, columns: Sequence[str] | None = None) -> Table[Any]:
        """A table: sample, class, looked_at, feature, pasted, cue, duplicate, advice, feature_use, feature_together or
        pool. `columns`: only these.
        """
        reader = Reader(name, columns)
        table: Table[Any] = Table(name, reader.columns, reader.kind)
        calls = Calls()
        with self._using():
            append = lambda row, _: table.append(reader.values(row))
            run(lambda: self._read(name, calls, append), calls)
        return table

    def each(
        self, callback: Callable[[Any], object], table: str = "sample", columns: Sequence[str] | None = None
    ) -> None:
        """Calls `callback` with each row of a table, in order. An exception stops it."""
        reader, calls = Reader(table, columns), Calls()
        with self._using():
            in_turns(lambda add: self._read(table, calls, lambda row, _: add(reader.row(row))), callback, calls)

    def option(self, name: str) -> str | None:
        """The value of an option of the run, as text; None if it is not recorded."""
        with self._using() as pointer:
            value = _library.get().checkrob_results_option(pointer, _library.encoded(name))
        return None if value is None else _library.text(value)

    def to_pandas(self, table: str = "class") -> Any:
        """A table as a pandas.DataFrame."""
        return self._table(table).to_pandas()

    def to_polars(self, table: str = "class") -> Any:
        """A table as a polars.DataFrame."""
        return self._table(table).to_polars()

    def export(self, what: str, path: Path) -> None:
        """Writes a file: images.csv, classes.csv, looked_at.csv, features.csv, pasted.csv, cues.csv, pool.csv,
        duplicates.csv, advice.csv, the same with .jsonl, or authors.csv.
        """
        kind = ctypes.c_int()
        _library.call("export_find", ctypes.byref(kind), _library.encoded(what))
        with self._using() as pointer:
            _library.call_with_path(os.fspath(path), "results_export", pointer, kind, _library.path(path))

    def report(
        self,
        path: Path,
        *,
        dataset: Dataset | None = None,
        before: Results | None = None,
        pictures: int | None = None,
        progress: Progress = None,
        **options: Unpack[ImageOptions],
    ) -> Written:
        """Writes a report that people look at: one HTML file, which needs no network and no other file.

        Its pictures need the run's dataset, and the option `preprocess`: results of score() have both. `before`:
        results of another run; the report then says what changed. `pictures`: their number for each class.
        """
        own, preprocess, known = self._data or (None, None, {})
        if "preprocess" in options:
            preprocess = None
        given = _options.merged(known, options)
        return write(self, path, own if dataset is None else dataset, preprocess, given, before, pictures, progress)

    def gate(
        self,
        fail_on: str | Iterable[str] = (),
        fail_if: str | Iterable[str] = (),
        *,
        max_failures: int | str | None = None,
        baseline: Results | None = None,
    ) -> Gate:
        """Judges the results: docs/gate.md.

        `fail_on`: verdicts that no class may have. `fail_if`: conditions that may hold for no class, such as
        "robustness < -0.5 and acc > 0.8". `max_failures`: how many samples may fail, 20 or "0.5%". `baseline`: earlier
        results, whose violations are not new.
        """
        return judge(self, fail_on, fail_if, max_failures, baseline)

    def close(self) -> None:
        """Closes the file. Results that score() did not store are deleted."""
        with self._lock:
            self._closed = True
            self._finalizer()
            self._handle = None
        if self._own_dataset is not None:
            self._own_dataset.close()

    @property
    def closed(self) -> bool:
        return self._closed

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("results cannot be copied or pickled: pass their path, and open it again with results()")

    def _repr_html_(self) -> str:
        return results_html(self)

    def __repr__(self) -> str:
        state = "complete" if self.complete else "incomplete"
        failed = f", {self.totals.failed} failed" if self.totals.failed else ""
        counts = f"{self.totals.samples} samples{failed}, {len(self.classes)} classes"
        return f"<checkrob.Results {self.path}: {counts}, {state}>"

    def _table(self, name: str) -> Table[Any]:
        return self.classes if name == "class" else self.samples if name == "sample" else self.table(name)

    def _read(self, table: str, calls: Calls, visit: Callable[..., object]) -> None:
        """Visits the rows, on a helper thread for a caller who has the lock."""
        callback, handle = RowCallback(calls.guarded(visit)), self._handle
        assert handle is not None
        with handle as pointer:
            if table == "sample":
                _library.call("results_each", pointer, callback, None)
            else:
                _library.call("results_table", pointer, _library.encoded(table), callback, None)

    @contextmanager
    def _using(self) -> Iterator[int]:
        """The library's object, for one thread at a time. It is opened when it is needed: score() closes it to
        resume."""
        with self._lock:
            if self._closed:
                raise errors.ClosedError(f"the results {self.path} are closed: checkrob.results() opens a file again")
            if self._handle is None:
                self._handle = _opened(self.path, self._options)
                self._holder.append(self._handle)
            with self._handle as pointer:
                yield pointer

    def _let_go(self) -> None:
        """Closes the file until it is used again."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None
                self._holder.clear()


def _opened(path: str, options: Mapping[str, Any]) -> Handle:
    with _options.made(options) as made, made as pointer:
        return Handle.open("results", "results_open", path, pointer if options else None)


def _clean(holder: list[Handle], temporary: str | None, process: int) -> None:
    while holder:
        holder.pop().close()
    if temporary is not None and process == os.getpid():  # a child has no share in it
        shutil.rmtree(temporary, ignore_errors=True)


def let_go(path: str) -> None:
    """A run that resumes a file waits for those who read it: those of this process let it go."""
    with _open_lock:
        known = list(_open)
    for results in known:
        if os.path.realpath(results.path) == os.path.realpath(path):
            results._let_go()


def file_of(out: Path) -> str:
    """The results file of a folder of results; a path that ends in .sqlite is the file itself."""
    path = named(out)
    return absolute(path if path.endswith(".sqlite") else os.path.join(path, FILE))


def named(out: Path) -> str:
    """The path of `out`. An empty one would be the current folder."""
    path = os.fsdecode(out)
    if not path:
        raise errors.InvalidArgumentError("`out` is empty: name a folder, or a file that ends in .sqlite")
    return path


def results(path: Path, **options: Unpack[Options]) -> Results:
    """Opens stored results: a folder that score() or the command wrote, or the file in it.

    With top_k or verdict_..., accuracies, intervals and verdicts are computed anew from the stored samples.
    """
    given = _options.merged(options)
    for name in given:
        if name not in JUDGING:
            raise errors.InvalidArgumentError(
                f"{name} was used when the samples were computed, and they are stored: results() takes top_k and "
                "verdict_... only; score() computes with another value"
            )
    text = os.fsdecode(path)
    return Results(absolute(os.path.join(text, FILE) if os.path.isdir(text) else text), given)


def merge(out: Path, paths: Iterable[Path]) -> Results:
    """Merges the results of the shards of one run into a new file, `out`. No input may be in two of them."""
    if isinstance(paths, (str, os.PathLike)):
        raise TypeError(f"merge() takes a list of paths, not one path: {os.fspath(paths)}")
    paths = list(paths)
    for given in paths:
        if not isinstance(given, (str, os.PathLike)):
            raise TypeError(f"merge() takes paths of results, not {type(given).__name__}: pass results.path")
    files = [os.path.join(os.fspath(p), FILE) if os.path.isdir(p) else os.fspath(p) for p in paths]
    if not files:
        raise errors.InvalidArgumentError("there are no results to merge: the list of paths is empty")
    encoded = [_library.path(file) for file in files]
    for file in files:
        if not os.path.exists(file):
            raise errors.MissingFileError(f"there are no results {file}")
    target = file_of(out)
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    array = (ctypes.c_char_p * len(files))(*encoded)
    _library.call("results_merge", _library.path(target), array, len(files))
    return Results(target, {})


def compare(before: Results, after: Results) -> Table[ComparisonRow]:
    """Compares two runs class by class: from the largest fall of CRS to the largest rise."""
    for given in before, after:
        if not isinstance(given, Results):
            raise TypeError(
                f"compare() takes Results, not {type(given).__name__}: open them with checkrob.results(path)"
            )
    reader = Reader("comparison")
    table: Table[ComparisonRow] = Table("comparison", reader.columns, ComparisonRow)
    calls = Calls()
    callback = RowCallback(calls.guarded(lambda row, _: table.append(reader.values(row))))

    def work() -> None:
        with held(before._handle, after._handle) as (first, second):
            _library.call("results_compare", first, second, callback, None)

    with before._using(), after._using():
        run(work, calls)
    return table


def new_file(out: Path | None) -> tuple[str, str | None]:
    """The file that a run stores its results in, and the temporary folder that it is in."""
    if out is None:
        folder = tempfile.mkdtemp(prefix="checkrob-")
        return os.path.join(folder, FILE), folder
    path = file_of(out)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return path, None


__all__ = ["Results", "Row", "Table", "compare", "merge", "results"]
