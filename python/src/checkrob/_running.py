# SPDX-License-Identifier: Apache-2.0
"""Long calls: the library works on a thread of its own, so that Ctrl-C comes through at once.

Python runs a signal handler, which raises KeyboardInterrupt, only between the instructions of its main thread. A main
thread that is in C for minutes never gets there. So C works on a helper thread while the caller waits, and the caller's
exception interrupts C, waits until it has stored what it computed, and then goes on its way.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, ClassVar, Union

from checkrob import _library, errors
from checkrob._api import ProgressCallback
from checkrob._handle import Handle

Progress = Union[bool, None, Callable[[int, int], object]]
SECONDS = 0.1  # between two reports of progress
KEPT = 4  # idle helper threads
ROWS = 256  # that are read before the caller's turn


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
            if self.stopping or self.problem is not None:
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
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise errors.InvalidArgumentError(
                f"progress is {progress!r}; it takes True, False, None, or a function of two numbers"
            )
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


class Finished:
    """What threading.Event is, for one thread that waits. An exception of a signal handler in Event.wait() may make it
    release a lock that the other thread has, whose set() then fails; a queue is written in C.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._tokens: queue.SimpleQueue[None] = queue.SimpleQueue()

    def set(self) -> None:
        self._is_set = True
        self._tokens.put(None)

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float | None = None) -> bool:
        if not self._is_set:
            with contextlib.suppress(queue.Empty):
                self._tokens.get(timeout=seconds)
        return self._is_set


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
    """A call of C, and how it ended. `interrupt` stops it; it may be called from any thread."""

    RUNNING: ClassVar[set[Job]] = set()

    def __init__(self, work: Callable[[], None], interrupt: Callable[[], object] = lambda: None):
        self._work, self._interrupt = work, interrupt
        self._tickets: list[None] = [None]  # who takes it decides: the job runs, or never will
        self.finished = Finished()
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            self._tickets.pop()
        except IndexError:
            return
        self.RUNNING.add(self)
        try:
            self._work()
        except BaseException as problem:
            self.problem = problem
        finally:
            self.RUNNING.discard(self)

    def interrupt(self) -> None:
        with contextlib.suppress(errors.ClosedError):
            self._interrupt()

    def stop(self) -> None:
        """Interrupts and waits. Another Ctrl-C meanwhile stops the assessing of the classes, too."""
        with contextlib.suppress(IndexError):
            self._tickets.pop()
            return  # it had not begun
        while not self.finished.is_set():
            try:
                self.interrupt()
                self.finished.wait()
            except BaseException:  # the caller is on its way out already
                continue


def _stop_all() -> None:
    for job in list(Job.RUNNING):
        job.interrupt()


_library.before_exit.append(_stop_all)
# A child process has no threads but the one that forked.
os.register_at_fork(after_in_child=Helper.IDLE.clear)
os.register_at_fork(after_in_child=Job.RUNNING.clear)


def run(
    work: Callable[[], None], calls: Calls, bar: Bar | None = None, interrupt: Callable[[], object] = lambda: None
) -> None:
    """Runs `work`, which is a call of C. It holds what it needs itself: an exception may come at any moment."""

    def stop() -> None:
        calls.stopping = True
        interrupt()

    job, bar = Job(work, stop), bar or Bar(False, "")
    try:
        Helper.start(job)
        while not job.finished.wait(SECONDS):
            bar.show(calls.done, calls.total)
        bar.show(calls.done, calls.total)
    except BaseException:
        job.stop()
        raise
    finally:
        bar.close()
    _raise_problem(job, calls)


def _raise_problem(job: Job, calls: Calls) -> None:
    """An exception of the caller's code, rather than the library's, which says only that it was interrupted."""
    problem = calls.problem or calls.dataset_problem() or job.problem
    calls.problem = None
    if problem is not None:
        raise problem


def _interrupting(kind: str, handle: Handle) -> Callable[[], None]:
    def interrupt() -> None:
        with handle as pointer:
            getattr(_library.get(), f"checkrob_{kind}_interrupt")(pointer)

    return interrupt


def execute(kind: str, handle: Handle, calls: Calls, bar: Bar) -> None:
    """Runs checkrob_..._execute of a run or an extraction."""

    def work() -> None:
        with handle as pointer:
            _library.call(f"{kind}_execute", pointer)

    run(work, calls, bar, _interrupting(kind, handle))


def made(kind: str, handle: Handle, make: Callable[[], Handle]) -> Handle:
    """What `make` makes by a run of a cut or an explainer. The main thread alone gets signals."""
    if threading.current_thread() is not threading.main_thread():
        return make()
    results: list[Handle] = []
    run(lambda: results.append(make()), Calls(), interrupt=_interrupting(kind, handle))
    return results[0]


def in_turns(read: Callable[[Callable[[Any], None]], None], take: Callable[[Any], object], calls: Calls) -> None:
    """Calls `take`, on the caller's thread, with what `read` reads on a helper thread. Only one of them works at a
    time, so that `take` may use what is being read.
    """
    parts: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
    turns: queue.SimpleQueue[None] = queue.SimpleQueue()
    part: list[Any] = []

    def pass_on() -> None:
        parts.put(part[:])
        part.clear()
        turns.get()

    def add(item: Any) -> None:
        part.append(item)
        if len(part) == ROWS:
            pass_on()

    def work() -> None:
        try:
            read(add)
            pass_on()
        finally:
            parts.put(None)

    def stop() -> None:
        calls.stopping = True
        turns.put(None)

    job = Job(work, stop)
    try:
        Helper.start(job)
        while (items := parts.get()) is not None:
            for item in items:
                take(item)
            turns.put(None)
        job.finished.wait()
    except BaseException:
        job.stop()
        raise
    _raise_problem(job, calls)
