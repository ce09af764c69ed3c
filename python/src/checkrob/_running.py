# SPDX-License-Identifier: Apache-2.0
"""Long calls: the library works on a thread of its own, so that Ctrl-C comes through at once.

Python runs a signal handler, which raises KeyboardInterrupt, only between the instructions of its main thread. A main
thread that is in C for minutes never gets there. So C works on a helper thread while the caller waits, and the caller's
exception interrupts C, waits until it has stored what it computed, and then goes on its way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Union

from checkrob._api import ProgressCallback, Status
from checkrob.errors import CheckrobError

Progress = Union[bool, None, Callable[[int, int], object]]
SECONDS = 0.1  # between two reports of progress


class Calls:
    """What the library calls while it works. An exception in one of them stops the work, and is raised at its end."""

    def __init__(self, dataset_problem: Callable[[], BaseException | None] = lambda: None) -> None:
        self.problem: BaseException | None = None
        self.dataset_problem = dataset_problem
        self.done = self.total = 0
        self.stopping = False
        self.on_progress = ProgressCallback(self._progress)

    def _progress(self, done: int, total: int, _: object) -> int:
        self.done, self.total = done, total
        return int(self.stopping or self.problem is not None)

    def guarded(self, function: Callable[..., object]) -> Callable[..., int]:
        """A function for a C callback: an exception is kept, and stops the work."""

        def guarded(*arguments: Any) -> int:
            if self.problem is not None:
                return 1
            try:
                function(*arguments)
            except BaseException as problem:
                self.problem = problem
                return 1
            return 0

        return guarded


class Bar:
    """Shows progress: nothing, a bar of tqdm, or the caller's function."""

    def __init__(self, progress: Progress, title: str):
        self._report: Callable[[int, int], object] | None = progress if callable(progress) else None
        self._bar: Any = None
        self._title = title
        self._wants_bar = progress is True or progress is None
        self._must = progress is True
        self._last: tuple[int, int] | None = None

    def show(self, done: int, total: int) -> None:
        if not total or (done, total) == self._last:
            return
        self._last = (done, total)
        if self._report is not None:
            self._report(done, total)
        elif self._wants_bar:
            self._draw(done, total)

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                self._wants_bar = False
                if self._must:
                    from checkrob._library import package

                    package("tqdm", "progress=True")
                return
            # Without progress=True there is a bar only on a terminal and in a notebook.
            self._bar = tqdm(total=total, desc=self._title, unit="image", disable=False if self._must else None)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def run(work: Callable[[], None], interrupt: Callable[[], None], calls: Calls, bar: Bar) -> None:
    """Runs `work`, which is a call of C. `interrupt` may be called from any thread."""
    finished = threading.Event()
    problems: list[BaseException] = []

    def helper() -> None:
        try:
            work()
        except BaseException as problem:
            problems.append(problem)
        finally:
            finished.set()

    thread = threading.Thread(target=helper, name="checkrob", daemon=True)
    thread.start()
    try:
        while not finished.wait(SECONDS):
            bar.show(calls.done, calls.total)
        bar.show(calls.done, calls.total)
    except BaseException:
        calls.stopping = True
        _stop(thread, interrupt)
        raise
    finally:
        thread.join()
        bar.close()
    calls.problem = calls.problem or calls.dataset_problem()
    if calls.problem is not None:
        problem, calls.problem = calls.problem, None
        raise problem
    if problems:
        raise problems[0]


def _stop(thread: threading.Thread, interrupt: Callable[[], None]) -> None:
    """Interrupts and waits. Another Ctrl-C meanwhile stops the assessing of the classes, too."""
    while thread.is_alive():
        try:
            interrupt()
            thread.join()
        except KeyboardInterrupt:
            continue


def is_interruption(problem: BaseException) -> bool:
    return isinstance(problem, CheckrobError) and problem.status == Status.ERROR_INTERRUPTED
