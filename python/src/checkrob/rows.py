# SPDX-License-Identifier: Apache-2.0
"""Rows and tables of results."""

from __future__ import annotations

import ctypes
import functools
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from checkrob import _library, arrays, errors
from checkrob.display import table_text

if TYPE_CHECKING:
    from checkrob.arrays import Array
    from checkrob.columns import Column

R = TypeVar("R", bound="Row")


class Row(Mapping[str, Any]):
    """A row: its values by the column's name, row["class"], and as attributes, row.class_.

    A column without a value in this row is NaN if it is a number, None if it is an integer or an array, and "" if it is
    a text. has() tells. A row is a copy: it stays valid after its results are closed.
    """

    table: ClassVar[str] = ""
    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]):
        self._values = values

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(_unknown(name, self.table, self._values)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    if not TYPE_CHECKING:  # type checkers know the attributes

        def __getattr__(self, name):
            """Only for what is no column."""
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(_unknown(name, self.table, self._values))

    def has(self, name: str) -> bool:
        """Whether the column has a value in this row."""
        value = self[name]
        return not (value is None or value == "" or (isinstance(value, float) and math.isnan(value)))

    def to_dict(self) -> dict[str, Any]:
        """The values as Python's own types: arrays are lists."""
        return {name: value.tolist() if isinstance(value, arrays.Array) else value for name, value in self.items()}

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={value!r}"
            for name, value in self.items()
            if self.has(name) and not isinstance(value, arrays.Array)
        )
        return f"{type(self).__name__}({shown})"

    def _integer(self, name: str) -> int | None:
        value: int | None = self[name]
        return value

    def _number(self, name: str) -> float:
        value: float = self[name]
        return value

    def _text(self, name: str) -> str:
        value: str = self[name]
        return value

    def _floats(self, name: str) -> Array | None:
        value: Array | None = self[name]
        return value

    _doubles = _floats


def _unknown(name: str, table: str, names: Iterable[str]) -> str:
    import difflib

    names = list(names)
    close = [known for known in names if name.startswith(known) and len(known) > 2]  # accuracy: acc
    close = close or difflib.get_close_matches(name, names, 1)
    hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(names)}"
    return f"the table {table!r} has no column {name!r}{hint}"


class Reader:
    """Reads the values of some columns out of the library's rows."""

    def __init__(self, table: str, columns: Sequence[str] | None = None):
        from checkrob.columns import CLASSES, DECLARED

        if table not in DECLARED:
            raise errors.NotFoundError(f"there is no table {table!r}; there are {', '.join(DECLARED)}")
        declared = DECLARED[table]
        names = list(declared) if columns is None else list(columns)
        for name in names:
            if name not in declared:
                raise errors.NotFoundError(_unknown(name, table, declared))
        self.kind: type[Row] = CLASSES[table]
        self.columns: dict[str, Column] = {name: declared[name] for name in names}
        library = _library.get()
        getters: dict[str, Callable[[int, bytes], Any]] = {
            "integer": lambda row, name: _integer(library.checkrob_row_integer(row, name)),
            "number": library.checkrob_row_number,
            "text": lambda row, name: _decoded(library.checkrob_row_text(row, name)),
            "floats": lambda row, name: _copied(library.checkrob_row_floats, row, name, "f"),
            "doubles": lambda row, name: _copied(library.checkrob_row_doubles, row, name, "d"),
        }
        self._read = [(name, name.encode(), getters[column.type]) for name, column in self.columns.items()]

    def values(self, row: int) -> dict[str, Any]:
        return {name: get(row, encoded) for name, encoded, get in self._read}

    def row(self, row: int) -> Row:
        """A copy of a row of the library."""
        return self.kind(self.values(row))


# Equal texts of many rows, such as classes, are one object.
_decoded = functools.lru_cache(maxsize=1024)(_library.text)


def _integer(value: int) -> int | None:
    return None if value == -1 else value


def _copied(get: Any, row: int, name: bytes, element: str) -> Array | None:
    count = ctypes.c_size_t()
    address = get(ctypes.byref(count), row, name)
    return None if address is None else arrays.copied(address, (count.value,), element)


class Table(Sequence[R], Generic[R]):
    """A table: a sequence of rows, and its columns as lists and arrays.

    Numbers and integers are stored in arrays, so a table of a million rows takes 8 bytes for each of them.
    """

    def __init__(self, table: str, columns: Mapping[str, Column], kind: type[R]):
        self.name = table
        self.columns = dict(columns)
        self._kind = kind
        self._length = 0
        self._data: dict[str, Any] = {name: _storage(column.type) for name, column in columns.items()}

    def append(self, values: Mapping[str, Any]) -> None:
        for name, store in self._data.items():
            value = values[name]
            store.append(-1 if value is None and isinstance(store, array) else value)
        self._length += 1

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> list[R]: ...
    def __getitem__(self, index: int | slice) -> R | list[R]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        if not hasattr(index, "__index__"):
            raise TypeError(
                f"a row has a number, not {index!r}: look for it in column('class') or another column, or in a loop"
            )
        if not -self._length <= index < self._length:
            raise IndexError(f"the table {self.name!r} has {self._length} rows, not a row {index}")
        return self._kind({name: self._value(name, index) for name in self._data})

    def _value(self, name: str, index: int) -> Any:
        value = self._data[name][index]
        return None if self.columns[name].type == "integer" and value == -1 else value

    def column(self, name: str) -> list[Any]:
        """The values of one column, row by row."""
        if name not in self.columns:
            raise errors.NotFoundError(_unknown(name, self.name, self.columns))
        return [self._value(name, i) for i in range(self._length)]

    def to_pandas(self) -> Any:
        """A pandas.DataFrame. A column of integers in which values are missing has the type Int64."""
        pandas = _library.package("pandas", "to_pandas()")
        return pandas.DataFrame(
            {name: pandas.Series(self._plain(name), dtype=self._pandas_type(name)) for name in self._data}
        )

    def to_polars(self) -> Any:
        """A polars.DataFrame. What is missing is null."""
        polars = _library.package("polars", "to_polars()")
        types = {"integer": polars.Int64, "number": polars.Float64, "text": polars.Utf8,
                 "floats": polars.List(polars.Float32), "doubles": polars.List(polars.Float64)}  # fmt: skip
        return polars.DataFrame(
            {
                name: polars.Series(name, self._nulls(name), dtype=types[column.type])
                for name, column in self.columns.items()
            }
        )

    def _pandas_type(self, name: str) -> str:
        kind = self.columns[name].type
        if kind == "integer":
            return "Int64" if -1 in self._data[name] else "int64"
        return "float64" if kind == "number" else "object"

    def _plain(self, name: str) -> Any:
        """Values for pandas: arrays of numbers are lists."""
        column = self.columns[name]
        if column.type in ("floats", "doubles"):
            return [None if value is None else value.tolist() for value in self._data[name]]
        if column.type == "integer" and -1 in self._data[name]:
            return self.column(name)
        return self._data[name]

    def _nulls(self, name: str) -> Any:
        """Values for polars: None for NaN."""
        if self.columns[name].type == "number":
            return [None if math.isnan(value) else value for value in self._data[name]]
        return self._plain(name)

    def __str__(self) -> str:
        return table_text(self)

    def __repr__(self) -> str:
        return f"<table {self.name!r}: {self._length} rows, {len(self.columns)} columns>"


def _storage(kind: str) -> Any:
    return array("q") if kind == "integer" else array("d") if kind == "number" else []
