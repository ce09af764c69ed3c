# SPDX-License-Identifier: Apache-2.0
"""Items by number, as the library asks for them, and the files of the next ones on their way from an object store.

The caller's code runs on the library's thread alone, one item at a time. Other threads only fetch URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from checkrob import _library
from checkrob._samples.reading import Sample, local_path, url_of

AHEAD = 16  # files that are fetched before they are asked for
THREADS = 8


@dataclass
class _Item:
    """What the caller's code returned or raised for a number, and the file that is being fetched."""

    sample: Sample | None
    problem: Exception | None
    data: Future[bytes] | None


class Items:
    """Samples by number, with bytes for URLs."""

    def __init__(self, make: Callable[[int], Sample], count: int, storage_options: Mapping[str, Any]):
        self._make, self._count, self._storage_options = make, count, storage_options
        self._known: dict[int, _Item] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._next = 0

    def take(self, number: int) -> Sample:
        """The sample of a number, read once. What the caller's code raised for it is raised here."""
        item = self._known.pop(number, None) or self._begun(number)
        # In order: the next ones follow. Donors of probes are asked for in any order.
        if item.data is not None and number == self._next:
            self._look_ahead(number + 1)
        self._next = number + 1
        if item.problem is not None:
            raise item.problem
        assert item.sample is not None
        if item.data is not None:
            item.sample.image = item.data.result  # a function: fill() names the input first
        return item.sample

    def _look_ahead(self, first: int) -> None:
        for number in range(first, min(first + AHEAD, self._count)):
            if number not in self._known:
                self._known[number] = self._begun(number)
        for number in [n for n in self._known if not first <= n < first + AHEAD]:
            del self._known[number]

    def _begun(self, number: int) -> _Item:
        """Runs the caller's code, and begins to fetch."""
        try:
            sample = self._make(number)
        except Exception as problem:
            return _Item(None, problem, None)
        url = url_of(sample.image)
        if url is None or local_path(url) is not None:
            return _Item(sample, None, None)
        if sample.name is None:
            sample.name = url
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="checkrob-fetch")
        return _Item(sample, None, self._threads.submit(fetched, url, self._storage_options))


def fetched(url: str, storage_options: Mapping[str, Any]) -> bytes:
    fsspec = _library.package("fsspec", f"reading {url}")
    with fsspec.open(url, "rb", **storage_options) as file:
        data: bytes = file.read()
    return data
