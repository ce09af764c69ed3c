# SPDX-License-Identifier: Apache-2.0
"""Long calls: the library works on a thread of its own, so that Ctrl-C comes through at once.

Python runs a signal handler, which raises KeyboardInterrupt, only between the instructions of its main thread. A main
thread that is in C for minutes never gets there. So C works on a helper thread while the caller waits, and the caller's
exception interrupts C, waits until it has stored what it computed, and then goes on its way.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Any, ClassVar, Union

from checkrob import _library, errors
from checkrob._api import ProgressCallback

Progress = Union[bool, None, Callable[[int, int], object]]
SECONDS = 0.1  # between two reports of progress
KEPT = 4  # idle helper threads


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

    def with_bar(self, bar: Bar) -> ProgressCallback:  # type: ignore[valid-type]
        """A callback for work on the caller's own thread: it shows progress, and lets Ctrl-C through."""
        return ProgressCallback(self.guarded(lambda done, total, _: bar.show(done, total)))

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function of C that calls back. An exception of a callback is raised instead of INTERRUPTED."""
        try:
            _library.call(name, *arguments)
        except errors.CheckrobError:
            if self.problem is None:
                raise
        if self.problem is not None:
            problem, self.problem = self.problem, None
            raise problem

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

    def __init__(self, progress: Progress, title: str, unit: str = "image"):
        self._report: Callable[[int, int], object] | None = progress if callable(progress) else None
        self._bar: Any = None
        self._title, self._unit = title, unit
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
                    _library.package("tqdm", "progress=True")
                return
            # Without progress=True there is a bar only on a terminal and in a notebook.
            self._bar = tqdm(total=total, desc=self._title, unit=self._unit, disable=False if self._must else None)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Helper:
    """A thread that works for one call after another: libtorch and malloc keep memory for each thread, which a new one
    would have to ask for again.
    """

    IDLE: ClassVar[list[Helper]] = []

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="checkrob", daemon=True).start()

    @classmethod
    def start(cls, job: Job) -> None:
        try:
            helper = cls.IDLE.pop()
        except IndexError:
            helper = cls()
        helper._jobs.put(job)

    def _serve(self) -> None:
        is_kept = True
        while is_kept:
            job = self._jobs.get()
            job.run()
            # Idle before the caller knows that the job is done, so that its next one finds this thread.
            is_kept = len(self.IDLE) < KEPT
            if is_kept:
                self.IDLE.append(self)
            job.finished.set()
            del job  # it keeps what the caller's functions refer to


class Job:
    """A call of C, and how it ended."""

    def __init__(self, work: Callable[[], None]):
        self._work = work
        self.finished = threading.Event()
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as problem:
            self.problem = problem


# A child process has no threads but the one that forked.
os.register_at_fork(after_in_child=Helper.IDLE.clear)


def run(work: Callable[[], None], interrupt: Callable[[], None], calls: Calls, bar: Bar) -> None:
    """Runs `work`, which is a call of C. `interrupt` may be called from any thread."""
    job = Job(work)
    Helper.start(job)
    try:
        while not job.finished.wait(SECONDS):
            bar.show(calls.done, calls.total)
        bar.show(calls.done, calls.total)
    except BaseException:
        calls.stopping = True
        _stop(job, interrupt)
        raise
    finally:
        bar.close()
    calls.problem = calls.problem or calls.dataset_problem()
    if calls.problem is not None:
        problem, calls.problem = calls.problem, None
        raise problem
    if job.problem is not None:
        raise job.problem


def _stop(job: Job, interrupt: Callable[[], None]) -> None:
    """Interrupts and waits. Another Ctrl-C meanwhile stops the assessing of the classes, too."""
    while not job.finished.is_set():
        try:
            interrupt()
            job.finished.wait()
        except KeyboardInterrupt:
            continue
