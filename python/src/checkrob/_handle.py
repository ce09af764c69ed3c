# SPDX-License-Identifier: Apache-2.0
"""Handles: pointers to objects of the library, which are freed once, after everything that needs them.

A handle counts its holds: its owner has one, each object that was made from it has one (an explainer holds its model),
and so has each call that uses it. The library's object is freed when the last hold is released. So close() may be
called while another thread computes, and Python may collect a model and its explainers in any order.

The counts are lists, whose append() and pop() are atomic. A lock would not do: Python may collect garbage, and so
release a hold, at any moment, also on a thread that has the lock.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_void_p
from types import TracebackType
from typing import Any, TypeVar

from checkrob import _library, errors

O = TypeVar("O", bound="Owner")  # noqa: E741


class Handle:
    """A pointer, its function _free, and the handles that must outlive it."""

    def __init__(self, pointer: int, kind: str, parents: tuple[Handle, ...] = (), kept: object = None):
        self._pointers = [pointer]
        self._holds: list[None] = [None]
        self._closed = False
        self._owned: list[None] = [None]  # until the owner's hold is released
        self._kind = kind
        self._process = os.getpid()
        self._parents = parents
        for parent in parents:
            parent.hold()
        self._kept = kept

    @classmethod
    def new(
        cls, kind: str, name: str, *arguments: Any, parents: tuple[Handle, ...] = (), kept: object = None
    ) -> Handle:
        """Calls a function whose out-parameter is a new object. `kept` is kept as long as the object."""
        out = c_void_p()
        _library.call(name, byref(out), *arguments)
        assert out.value is not None
        return cls(out.value, kind, parents, kept)

    @classmethod
    def open(cls, kind: str, name: str, path: str, *arguments: Any) -> Handle:
        """Calls a function that opens a file: a file that is not there is a MissingFileError."""
        out = c_void_p()
        _library.call_with_path(path, name, byref(out), _library.path(path), *arguments)
        assert out.value is not None
        return cls(out.value, kind)

    @property
    def name(self) -> str:
        """What it is, for error messages."""
        return self._kind.replace("_", " ")

    def hold(self) -> int:
        """The pointer, which stays valid until release()."""
        self._holds.append(None)
        if self._closed:
            self.release()
            raise errors.ClosedError(f"this {self.name} is closed")
        if self._process != os.getpid():
            self.release()
            raise errors.ClosedError(
                f"this {self.name} belongs to the process that this one was forked from: make it after the fork"
            )
        return self._pointers[0]

    def release(self) -> None:
        self._holds.pop()
        if self._holds:
            return
        try:
            pointer = self._pointers.pop()
        except IndexError:  # another thread was faster
            return
        if self._process == os.getpid():
            getattr(_library.get(), f"checkrob_{self._kind}_free")(pointer)
        self._kept = None
        for parent in self._parents:
            parent.release()

    def close(self) -> None:
        """Releases the owner's hold, once."""
        self._closed = True
        try:
            self._owned.pop()
        except IndexError:  # another thread was faster, or it is closed already
            return
        self.release()

    def __del__(self) -> None:
        """Of a handle that got no owner, because of an exception."""
        if hasattr(self, "_kept"):
            self.close()

    def __reduce__(self) -> Any:
        """Neither copies nor other processes can have the pointer: it would be freed under them."""
        raise TypeError(f"this {self.name} cannot be copied or pickled: open it again where you need it")

    @property
    def closed(self) -> bool:
        return self._closed

    def __enter__(self) -> int:
        return self.hold()

    def __exit__(self, *_: object) -> None:
        self.release()


class Hold:
    """Holds a handle for as long as this object lives: the owner of an array that is memory of the handle's object."""

    def __init__(self, handle: Handle):
        handle.hold()
        self._handle = handle

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self._handle.release()


@contextmanager
def held(*handles: Handle | None) -> Iterator[list[int | None]]:
    """The pointers of several handles, for the time of a call; None for None."""
    taken: list[Handle] = []
    try:
        pointers: list[int | None] = []
        for handle in handles:
            pointers.append(None if handle is None else handle.hold())
            if handle is not None:
                taken.append(handle)
        yield pointers
    finally:
        for handle in reversed(taken):
            handle.release()


class Idle:
    """Handles that only one thread may use at a time, kept for the next calls. The least recently used goes first."""

    def __init__(self, size: int):
        self._size = size
        self._kept: list[tuple[str, Handle]] = []
        self._lock = threading.RLock()  # a signal handler may call, too
        self._closed = False

    def take(self, key: str) -> Handle | None:
        with self._lock:
            for place in reversed(range(len(self._kept))):
                if self._kept[place][0] == key:
                    return self._kept.pop(place)[1]
        return None

    def give(self, key: str, handle: Handle) -> None:
        with self._lock:
            self._kept.append((key, handle))
            surplus = self._kept.pop(0)[1] if self._closed or len(self._kept) > self._size else None
        if surplus is not None:
            surplus.close()

    @contextmanager
    def giving(self, key: str, handle: Handle) -> Iterator[None]:
        """Gives the handle back after the block. One that was interrupted may stop the next call: it is not kept."""
        try:
            yield
        except Exception:
            self.give(key, handle)
            raise
        except BaseException:
            handle.close()
            raise
        self.give(key, handle)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for _, handle in kept:
            handle.close()

    def __len__(self) -> int:
        return len(self._kept)


def _finish(handle: Handle, also: Callable[[], object] | None) -> None:
    handle.close()
    if also is not None:
        also()


class Owner:
    """Base of the objects that own a handle: a context manager, which is also closed when Python collects it."""

    _handle: Handle

    def _own(self, handle: Handle, also: Callable[[], object] | None = None) -> None:
        """`also` is called after the handle is closed; it must not refer to this object."""
        self._handle = handle
        self._finalizer = weakref.finalize(self, _finish, handle, also)

    def close(self) -> None:
        """Frees the object. A call that runs on another thread finishes first; a further call raises ClosedError."""
        self._finalizer()

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def __reduce__(self) -> Any:
        return self._handle.__reduce__()

    def __enter__(self: O) -> O:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
