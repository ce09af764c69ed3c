# SPDX-License-Identifier: Apache-2.0
"""From keyword arguments to the library's options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from checkrob import _library, errors
from checkrob._handle import Handle
from checkrob.options import DECLARED, Option

# Options that decide how a model is opened.
OF_THE_MODEL = frozenset(name for name, option in DECLARED.items() if option.group == "model") | {"preprocess"}


# Options that say which data are opened. A shard is a part of a run, not of the data.
OF_THE_DATA = frozenset(name for name, option in DECLARED.items() if option.group == "data") - {"shard"}


# Flags of the command that have no option, and what has the same effect here.
OF_THE_COMMAND = {
    "restart": "remove the folder `out`, and the run starts anew",
    "dry_run": "pass limit to look at a part of the data first",
    "quiet": "pass progress=False",
}


def check_names(options: Iterable[str]) -> None:
    """An UnknownOptionError for a name that is not declared."""
    import difflib

    for name in options:
        if name in OF_THE_COMMAND:
            raise errors.UnknownOptionError(f"there is no option {name!r}: {OF_THE_COMMAND[name]}")
        if name not in DECLARED:
            close = difflib.get_close_matches(name.replace("-", "_").lower(), list(DECLARED), 1)
            hint = f"; did you mean {close[0]!r}?" if close else "; checkrob.options.DECLARED lists all options"
            raise errors.UnknownOptionError(f"there is no option {name!r}{hint}")


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Later ones replace earlier ones; None unsets an option."""
    together: dict[str, Any] = {}
    for part in parts:
        check_names(part)
        together.update(part)
    return {name: value for name, value in together.items() if value is not None}


def check_data(opened: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """An error for options that would choose other data than those of a dataset that is open already."""
    for name in sorted(OF_THE_DATA & given.keys()):
        if key({name: given[name]}) != key({name: opened.get(name)}):
            raise errors.InvalidArgumentError(
                f"{name} chooses data, but this dataset is open already: pass {name} to checkrob.dataset(). Of a "
                "dataset of your own pass a part, such as a torch.utils.data.Subset"
            )


@contextmanager
def made(options: Mapping[str, Any]) -> Iterator[Handle]:
    """The library's options, which check each value. A class map from memory is no option: the dataset has it."""
    handle = Handle.new("options", "options_new")
    try:
        with handle as pointer:
            for name, value in options.items():
                if name != "classes" or isinstance(value, (str, os.PathLike)):
                    _set(pointer, name, value)
        yield handle
    finally:
        handle.close()


def key(options: Mapping[str, Any]) -> str:
    """A text that is equal for equal options."""
    return json.dumps(
        options,
        sort_keys=True,
        default=lambda value: os.fsdecode(value) if isinstance(value, os.PathLike) else repr(value),
    )


def _set(pointer: int, name: str, value: Any) -> None:
    option = DECLARED[name]
    encoded = name.encode()
    if isinstance(value, Mapping):
        value = json.dumps(dict(value))
    if option.type == "choices" and not isinstance(value, str):
        value = ",".join(value)
    if option.is_list and _is_sequence(value):
        _library.call("options_unset", pointer, encoded)
        for item in value:
            _library.call("options_add", pointer, encoded, _text(name, item))
    elif option.type in ("integer", "flag") and hasattr(value, "__index__"):
        _library.call("options_set_integer", pointer, encoded, _int64(name, value.__index__()))
    elif option.type in ("integer", "number") and hasattr(value, "__float__") and not isinstance(value, str):
        _library.call("options_set_number", pointer, encoded, float(value))
    else:
        _library.call("options_set", pointer, encoded, _text(name, value))


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _int64(name: str, value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise errors.InvalidArgumentError(f"{name} is {value}, which no option can be")
    return value


def _text(name: str, value: Any) -> bytes:
    """Paths may have bytes that are not UTF-8."""
    if isinstance(value, (str, bytes, os.PathLike)):
        try:
            return _library.path(value)
        except errors.InvalidArgumentError as problem:
            raise errors.InvalidArgumentError(f"{name}: {problem}") from None
    raise errors.InvalidArgumentError(
        f"{name} is {value!r}, of the type {type(value).__name__}; it takes {_taken(DECLARED[name])}"
    )


def _taken(option: Option) -> str:
    if option.choices:
        *others, last = option.choices
        return f"{', '.join(others)} or {last}" if others else last
    return f"{'an' if option.type[0] in 'aeiou' else 'a'} {option.type}: {option.help}"


def number(options: Mapping[str, Any], name: str) -> int:
    """The value in force of an integer."""
    with made(options) as handle, handle as pointer:
        value: int = _library.get().checkrob_options_integer(pointer, name.encode())
    return value


def text(options: Mapping[str, Any], name: str) -> str:
    """The value in force as text."""
    with made(options) as handle, handle as pointer:
        return _library.text(_library.get().checkrob_options_text(pointer, name.encode()))
