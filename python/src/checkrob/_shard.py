# SPDX-License-Identifier: Apache-2.0
"""One shard of a distributed run, on a worker. distributed.py sends it here; Dask itself is not needed.

All state is in the shard's folder: its results file, from which it resumes on any machine, and a lock. A scheduler that
takes a slow worker for a dead one starts the shard again elsewhere while the first one still computes: the second waits
until the first is gone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checkrob import _library, _options, errors
from checkrob.dataset import Dataset, opened
from checkrob.model import Model
from checkrob.model import open as open_model
from checkrob.run import score

PLAN = "plan.json"
POLL_SECONDS = 0.5
# A network file system frees the lock of a machine that is gone only after a while; NFS after 90 s.
LOCK_SECONDS = 120.0

# Another try on another machine cannot help.
PERMANENT = (
    errors.InvalidArgumentError,
    errors.UnknownOptionError,
    errors.OtherOptionsError,
    errors.UnsupportedError,
    errors.BadInputError,
)


class StoppedError(Exception):
    """The call of distributed.score() was interrupted."""


@dataclass(frozen=True)
class Done:
    """What the driver gets to know of a shard."""

    shard: int
    samples: int = 0
    stopped: bool = False
    problem: errors.CheckrobError | None = None


def score_shard(options: Mapping[str, Any], shard: int, shards: int, folder: str, stop: str, slots: int) -> Done:
    """Scores a shard, or resumes it. `folder`: of all shards. `stop`: a file that appears when the run is interrupted.
    `slots`: how many shards this machine works on at a time, which share its cores; 0: the options say the threads.
    """
    if not os.path.exists(os.path.join(folder, PLAN)):
        raise errors.InputOutputError(
            f"the worker on {socket.gethostname()} does not see {folder}: `out` must be in a folder that all machines "
            "share, under the same path"
        )
    own = os.path.join(folder, str(shard))
    os.makedirs(own, exist_ok=True)
    given = dict(options, threads=max(1, _cores() // slots)) if slots else dict(options)
    try:
        with _locked(own, stop):
            with _inputs(given) as (model, data):
                results = score(model, data, out=own, progress=Watch(stop), shard=f"{shard}/{shards}")
            with results:
                return Done(shard, samples=results.totals.samples or 0)
    except StoppedError:
        return Done(shard, stopped=True)
    except errors.OtherOptionsError as problem:  # the advice is to remove this shard, but all have these options
        advised = str(problem).replace(f"remove {own}", f"remove {os.path.dirname(folder)}")
        return Done(shard, problem=errors.OtherOptionsError(advised))
    except PERMANENT as problem:
        return Done(shard, problem=problem)


class Watch:
    """Is called while a shard makes progress, and stops it once the run was interrupted."""

    def __init__(self, stop: str):
        self._stop = stop
        self._next = 0.0

    def __call__(self, done: int = 0, total: int = 0) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + POLL_SECONDS
            if os.path.exists(self._stop):
                raise StoppedError


def _cores() -> int:
    cores: int = _library.get().checkrob_model_cores()
    return cores


@contextlib.contextmanager
def _locked(folder: str, stop: str) -> Iterator[None]:
    """Only one worker writes a shard. The lock ends with its process, however that ends."""
    watch, begun = Watch(stop), time.monotonic()
    watch()
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as file:
        while not _take(file.fileno()):
            if time.monotonic() - begun > LOCK_SECONDS:
                raise errors.InputOutputError(
                    f"{folder} is in use: another worker has been scoring this shard for {LOCK_SECONDS:.0f} s"
                )
            time.sleep(POLL_SECONDS)
            watch()
        yield


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        if problem.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            raise
        # A file system without locks: Dask alone sees to it that a shard has one worker.
    return True


# ---- the inputs of a process ----

IDLE_SECONDS = 30.0

_lock = threading.Lock()
_cached: list[tuple[str, Model, Dataset]] = []
_users = 0


@contextlib.contextmanager
def _inputs(options: Mapping[str, Any]) -> Iterator[tuple[Model, Dataset]]:
    """The model and the data, opened once for all shards of a process. Both are read-only, and several shards may use
    them. The process outlives the run: it frees them when it had no shard for a while.
    """
    global _users  # noqa: PLW0603
    key = _options.key(options)
    with _lock:
        if not _cached or _cached[0][0] != key:
            _cached.clear()  # who still uses them holds them
            data = opened(options)
            settings: Any = {name: value for name, value in options.items() if name != "model"}
            _cached.append((key, open_model(options["model"], **settings), data))
        _, model, data = _cached[0]
        _users += 1
    try:
        yield model, data
    finally:
        with _lock:
            _users -= 1
        timer = threading.Timer(IDLE_SECONDS, _forget)
        timer.daemon = True
        timer.start()


def _forget() -> None:
    with _lock:
        if _users == 0:
            _cached.clear()
