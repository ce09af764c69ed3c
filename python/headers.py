# SPDX-License-Identifier: Apache-2.0
"""Reads the public headers (include/checkrob/*.h): functions, structures, enumerations and callbacks, for generate.py.

The headers are plain declarations, so a few regular expressions are enough. What they don't understand is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HEADERS = Path(__file__).resolve().parents[1] / "include/checkrob"
SCALARS = {
    "int": "c_int", "unsigned": "c_uint", "size_t": "c_size_t", "double": "c_double", "float": "c_float",
    "int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64", "uint64_t": "c_uint64", "uint8_t": "c_uint8",
}  # fmt: skip


@dataclass
class Declaration:
    """A parameter, a member or a result: `const float *values` has the base float, one star and the name values."""

    base: str
    stars: int
    name: str = ""
    length: str = ""  # of an array
    const: bool = False


@dataclass
class Function:
    name: str
    result: Declaration
    parameters: list[Declaration]


@dataclass
class Headers:
    functions: list[Function] = field(default_factory=list)
    callbacks: list[Function] = field(default_factory=list)
    structures: dict[str, list[Declaration]] = field(default_factory=dict)
    enumerations: dict[str, dict[str, int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # #define NAME 8, and the members of enumerations
    initial: dict[str, list[str]] = field(default_factory=dict)  # structure: its initialiser's values


def camel(name: str) -> str:
    """checkrob_option_info is OptionInfo."""
    return "".join(part.capitalize() for part in name.removeprefix("checkrob_").split("_"))


def declaration(text: str) -> Declaration:
    words = re.fullmatch(r"(?:const\s+)?(?:struct\s+)?(\w+)\s*((?:\*|const|\s)*)(\w*)\s*(?:\[(\w+)\])?", text.strip())
    if not words:
        raise ValueError(f"the declaration {text!r} is not understood")
    return Declaration(words[1], words[2].count("*"), words[3], words[4] or "", text.strip().startswith("const"))


def parameters(text: str) -> list[Declaration]:
    return [] if text.strip() == "void" else [declaration(part) for part in text.split(",")]


def functions(text: str) -> list[Function]:
    found = []
    for line in re.findall(r"CHECKROB_API\s+([^;]+);", text):
        words = re.fullmatch(r"(.*?)(checkrob_\w+)\((.*)\)", " ".join(line.split()))
        if not words:
            raise ValueError(f"the function {line!r} is not understood")
        found.append(Function(words[2], declaration(words[1]), parameters(words[3])))
    return found


def callbacks(text: str) -> list[Function]:
    pattern = r"typedef\s+([\w\s]+?)\(\*(\w+)\)\(([^)]*)\);"
    return [Function(name, declaration(result), parameters(" ".join(rest.split())))
            for result, name, rest in re.findall(pattern, text)]  # fmt: skip


def members(text: str) -> list[Declaration]:
    """`double low, high;` are two."""
    found = []
    for line in text.split(";"):
        if not line.strip():
            continue
        first, *others = " ".join(line.split()).split(",")
        found.append(declaration(first))
        kind = re.sub(r"\*?\w+(\[\w+\])?$", "", first)
        found += [declaration(kind + other.strip()) for other in others]
    return found


def enumeration(text: str) -> dict[str, int]:
    values: dict[str, int] = {}
    following = 0
    for item in text.split(","):
        if not item.strip():
            continue
        name, _, value = item.partition("=")
        values[name.strip()] = following = int(value, 0) if value.strip() else following
        following += 1
    return values


def read() -> Headers:
    headers = Headers()
    raw = "\n".join(path.read_text(encoding="utf-8") for path in sorted(HEADERS.glob("*.h")))
    raw = re.sub(r"/\*.*?\*/", " ", raw, flags=re.S)
    joined = raw.replace("\\\n", " ")
    headers.numbers.update(
        {name: int(value) for name, value in re.findall(r"#define (\w+) (\d+)$", joined, flags=re.M)}
    )
    for name, values in re.findall(r"#define CHECKROB_(\w+)_INIT\s+\{(.*)\}", joined):
        headers.initial["checkrob_" + name.lower()] = [value.strip() for value in values.split(",")]
    text = re.sub(r"^#[^\n]*", "", joined, flags=re.M)
    for name, body in re.findall(r"(?:typedef\s+)?enum\s*(\w*)\s*\{([^}]*)\}", text):
        values = enumeration(body)
        headers.numbers.update(values)
        headers.enumerations[name or next(iter(values))] = values
    for name, body in re.findall(r"typedef struct (\w+) \{([^}]*)\}", text):
        headers.structures[name] = members(body)
    headers.functions = functions(text)
    headers.callbacks = callbacks(text)
    return headers
