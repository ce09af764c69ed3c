# SPDX-License-Identifier: Apache-2.0
"""Finds and loads libcheckrob.so, and calls its functions.

The library is, in this order: the file that the environment variable CHECKROB_LIBRARY names; the one in this package,
which `pip install` built; the one that the system's loader finds. It is loaded when it is first needed, so that
`import checkrob` is quick and never fails.

ctypes releases the GIL while a C function runs.
"""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Any

from checkrob import _api, errors

SONAME = "libcheckrob.so.0"
VARIABLE = "CHECKROB_LIBRARY"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")

_lock = threading.Lock()
_loaded: list[ctypes.CDLL] = []


def where() -> str:
    """The library's path, or the name by which the system's loader finds it."""
    own = os.path.join(FOLDER, SONAME)
    return os.environ.get(VARIABLE) or (own if os.path.exists(own) else SONAME)


def load(path: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(path)
        library.checkrob_version.restype = ctypes.c_char_p
        version = library.checkrob_version().decode()
    except (OSError, AttributeError) as problem:
        named = f" ({VARIABLE} names it)" if os.environ.get(VARIABLE) else ""
        raise errors.LibraryError(
            f"{path}{named} cannot be loaded: {problem}; install this package with pip, or name the library's file in "
            f"the environment variable {VARIABLE}"
        ) from problem
    if version.split(".")[:2] != _api.VERSION.split(".")[:2]:
        raise errors.LibraryError(
            f"{path} has the version {version}, but this package is for {_api.VERSION}: install both anew"
        )
    _api.declare(library)
    return library


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
    status = getattr(library, "checkrob_" + name)(*arguments)
    if status != 0:
        raise errors.of(status, library.checkrob_last_error().decode())


def call_with_path(path: str, name: str, *arguments: Any) -> None:
    """The same for a function that opens `path`: a file that is not there is a MissingFileError."""
    try:
        call(name, *arguments)
    except errors.NotFoundError as problem:
        if os.path.exists(path):
            raise
        raise errors.MissingFileError(str(problem)) from None


def text(value: bytes | None) -> str:
    """A text that the library returned; "" for NULL."""
    return "" if value is None else value.decode()


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
    worker, unless the libtorch that this process has loaded already is the one that the library uses.
    """
    if "model_loaded_torch" not in _api.FUNCTIONS:
        return None
    return None if library.checkrob_model_loaded_torch() == 1 else "always"  # 1: CHECKROB_TORCH_OWN
