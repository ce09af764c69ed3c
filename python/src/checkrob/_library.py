# SPDX-License-Identifier: Apache-2.0
"""Finds and loads libcheckrob.so, and calls its functions.

The library is, in this order: the file that the environment variable CHECKROB_LIBRARY names; the one in this package,
which `pip install` built; the one that the system's loader finds. It is loaded when it is first needed, so that
`import checkrob` is quick and never fails.

ctypes releases the GIL while a C function runs.
"""

from __future__ import annotations

import atexit
import ctypes
import operator
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from checkrob import _api, errors
from checkrob._files import absolute

SONAME = "libcheckrob.so.0"
VARIABLE = "CHECKROB_LIBRARY"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")

# How long Python's exit waits for other threads' calls: one batch of a run.
SECONDS_AT_EXIT = 10.0

_lock = threading.Lock()
_loaded: list[ctypes.CDLL] = []
_working: list[None] = []  # one for each call on a thread but the main one; append() and pop() are atomic
_exiting: list[bool] = []
before_exit: list[Callable[[], None]] = []  # functions that stop long calls


def where() -> str:
    """The library's path, or the name by which the system's loader finds it."""
    own = os.path.join(FOLDER, SONAME)
    named = os.environ.get(VARIABLE)
    if named:
        return absolute(named) if os.sep in named else named  # the worker is found beside it
    return own if os.path.exists(own) else SONAME


def load(path: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(path)
        library.checkrob_version.restype = ctypes.c_char_p
        version = library.checkrob_version().decode()
        if _is_fitting(version):
            _api.declare(library)
    except (OSError, AttributeError) as problem:
        named = f" ({VARIABLE} names it)" if os.environ.get(VARIABLE) else ""
        raise errors.LibraryError(
            f"{path}{named} cannot be loaded: {problem}; install this package with pip, or name the library's file in "
            f"the environment variable {VARIABLE}"
        ) from problem
    if not _is_fitting(version):
        raise errors.LibraryError(
            f"{path} has the version {version}, but this package is for {_api.VERSION}: install both anew"
        )
    return library


def _is_fitting(version: str) -> bool:
    return version.split(".")[:2] == _api.VERSION.split(".")[:2]


def get() -> ctypes.CDLL:
    """The library, with the prototypes of all its functions."""
    if not _loaded:
        with _lock:
            if not _loaded:
                _loaded.append(load(where()))
    return _loaded[0]


def call(name: str, *arguments: Any) -> None:
    """Calls a function that returns a status; any status but OK raises an exception with the library's message."""
    library = get()
    function = getattr(library, "checkrob_" + name)
    is_main = threading.get_ident() == threading.main_thread().ident
    status = function(*arguments) if is_main else _counted(function, arguments)
    if status != 0:
        raise errors.of(status, text(library.checkrob_last_error()))


def _counted(function: Callable[..., int], arguments: tuple[Any, ...]) -> int:
    """A call on another thread, for which _exit() waits."""
    _working.append(None)
    try:
        if _exiting:
            raise errors.InterruptedRunError("Python is exiting: join threads that use checkrob before")
        return function(*arguments)
    finally:
        _working.pop()


# A child process has no threads but the one that forked.
os.register_at_fork(after_in_child=_working.clear)
_parent_had_torch: list[bool] = []
os.register_at_fork(after_in_child=lambda: _parent_had_torch.append(True) if "torch" in sys.modules else None)


@atexit.register
def _exit() -> None:
    """Waits until no daemon thread is in the library any more: libtorch cannot compute while the process ends."""
    _exiting.append(True)
    for stop in before_exit:
        stop()
    end = time.monotonic() + SECONDS_AT_EXIT
    while _working and time.monotonic() < end:
        time.sleep(0.01)


def call_with_path(path: str, name: str, *arguments: Any) -> None:
    """The same for a function that opens `path`: a file that is not there is a MissingFileError."""
    try:
        call(name, *arguments)
    except errors.NotFoundError as problem:
        if os.path.exists(path):
            raise
        raise errors.MissingFileError(str(problem)) from None


# ---- from Python's values to C's: C would read on at a wrong place, or compute something else ----


def path(value: str | bytes | os.PathLike[str]) -> bytes:
    """A path for C."""
    text = os.fspath(value)
    return _without_nul(text, value) if isinstance(text, bytes) else encoded(text, sys.getfilesystemencoding())


def encoded(value: str, encoding: str = "utf-8") -> bytes:
    """A text for C. "\\udcff" is a byte that is not UTF-8: so Python has it from paths."""
    try:
        found = value.encode(encoding, "surrogateescape")
    except UnicodeEncodeError as problem:
        raise errors.InvalidArgumentError(
            f"{value!r} has {value[problem.start]!r}, which {encoding} cannot express"
        ) from None
    return _without_nul(found, value)


def _without_nul(found: bytes, value: object) -> bytes:
    if b"\0" in found:
        raise errors.InvalidArgumentError(f"{value!r} has a NUL character")
    return found


def integer(name: str, value: Any, low: int = 0, high: int = 2**31 - 1) -> int:
    """A whole number for C: ctypes drops the bits that do not fit."""
    number = operator.index(value)
    if not low <= number <= high:
        raise errors.InvalidArgumentError(f"{name} is {number}, but must be from {low} to {high}")
    return number


def text(value: bytes | None) -> str:
    """A text that the library returned; "" for NULL. A path may have bytes that are not UTF-8."""
    return "" if value is None else value.decode("utf-8", "surrogateescape")


def outside() -> int:
    """The stacklevel of a warning that names the caller's line: the first one outside this package."""
    folder, frame, level = os.path.dirname(os.path.abspath(__file__)), sys._getframe(1), 1
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(folder + os.sep):
        frame, level = frame.f_back, level + 1
    return level


def package(name: str, purpose: str) -> Any:
    """Imports a package that is needed for one purpose only."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as problem:
        top = name.partition(".")[0]
        raise errors.MissingPackageError(f"{purpose} needs the package {top}: pip install {top}") from problem


def default_worker(library: ctypes.CDLL) -> str | None:
    """The value of the option `worker` if the caller sets none; None leaves it to the library.

    A program in Python may import torch at any time, and two builds of libtorch crash a process. So models run in a
    worker, unless the libtorch that this process has loaded already is the one that the library uses. A child process
    has the libtorch of its parent without its computing threads, for which it would wait for ever.
    """
    if _parent_had_torch:
        return "always"
    return None if library.checkrob_model_loaded_torch() == _api.LoadedTorch.OWN else "always"
