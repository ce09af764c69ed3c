# SPDX-License-Identifier: Apache-2.0
"""The exceptions of checkrob: one class for each status of the C library, below CheckrobError.

The text of an exception is the C library's error message: what is wrong, where, and what to do. Where Python has a
class for the same thing, the exception is one of that class too: OutOfMemoryError is a MemoryError.
"""

from __future__ import annotations

import errno

from checkrob._api import Status


class CheckrobError(Exception):
    """Base of all errors of this package. `status` is the C library's status."""

    status: Status = Status.ERROR


class InvalidArgumentError(CheckrobError, ValueError):
    """The call itself is wrong: a value out of range, options that do not go together."""

    status = Status.ERROR_INVALID_ARGUMENT


class NotFoundError(CheckrobError, LookupError):
    """No such file, folder, layer, class, table or option."""

    status = Status.ERROR_NOT_FOUND


class MissingFileError(NotFoundError, FileNotFoundError):
    """The file or folder that was to be opened does not exist: `errno` is ENOENT."""

    def __init__(self, *message: str) -> None:
        super().__init__(*message)
        self.errno = errno.ENOENT


class UnknownOptionError(NotFoundError, TypeError):
    """A keyword argument is not the name of an option."""


class BadInputError(CheckrobError, ValueError):
    """It exists, but is broken: a truncated image, XML that is cut off."""

    status = Status.ERROR_BAD_INPUT


class UnsupportedError(CheckrobError):
    """It is valid, but of a kind that this library or this machine does not support."""

    status = Status.ERROR_UNSUPPORTED


class ModelUnsupportedError(UnsupportedError):
    """The model or the layer cannot do what was requested."""

    status = Status.ERROR_MODEL_UNSUPPORTED


class LimitError(CheckrobError, ValueError):
    """It is larger than a limit. Raise the limit if you trust the file."""

    status = Status.ERROR_LIMIT


class InputOutputError(CheckrobError, OSError):
    """Reading or writing failed: permissions, a full disk."""

    status = Status.ERROR_IO


class OutOfMemoryError(CheckrobError, MemoryError):
    """There is not enough memory."""

    status = Status.ERROR_OUT_OF_MEMORY


class NumericError(CheckrobError, ArithmeticError):
    """The model returned NaN or infinity."""

    status = Status.ERROR_NUMERIC


class NoObjectError(CheckrobError):
    """There is nothing to measure: no annotated object of the class, or none within the model's input."""

    status = Status.ERROR_NO_OBJECT


class InterruptedRunError(CheckrobError):
    """A run was interrupted by something other than an exception: another thread called its interrupt()."""

    status = Status.ERROR_INTERRUPTED


class OtherOptionsError(CheckrobError, ValueError):
    """Stored results were computed with other options, or shards do not belong together."""

    status = Status.ERROR_OTHER_OPTIONS


class ClosedError(CheckrobError, ValueError):
    """The object was closed, or belongs to the process that this one was forked from."""

    status = Status.ERROR_INVALID_ARGUMENT


class LibraryError(CheckrobError, ImportError):
    """libcheckrob.so is missing, cannot be loaded, or has another version than this package."""


class MissingPackageError(CheckrobError, ImportError):
    """A Python package that this call needs is not installed. The message names it."""


class CheckrobWarning(UserWarning):
    """Results or explanations that are probably not what the caller wants. warnings.simplefilter("error", ...) makes an
    exception of it."""


def _leaves(base: type[CheckrobError]) -> list[type[CheckrobError]]:
    return [base, *(leaf for child in base.__subclasses__() for leaf in _leaves(child))]


# The class that declares a status itself, as opposed to one that inherits it; ClosedError is this package's own.
CLASSES: dict[int, type[CheckrobError]] = {
    int(kind.status): kind for kind in _leaves(CheckrobError) if "status" in vars(kind) and kind is not ClosedError
}


# What messages of the library name, and what has the same purpose here.
OF_PYTHON = {"checkrob_model_layer lists": "model.layers() lists"}


def of(status: int, message: str) -> CheckrobError:
    """The exception of a status that a C function returned."""
    for name, own in OF_PYTHON.items():
        message = message.replace(name, own)
    error = CLASSES.get(status, CheckrobError)(message)
    if status not in CLASSES and status in list(Status):
        error.status = Status(status)
    return error
