#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function of the library crashes on NULL objects (include/checkrob/status.h). Usage: null_objects.py LIBRARY

Each function that takes an object is called with NULL for objects, texts and borrowed arrays, 0 for numbers, and room
for what it returns through pointers. An accessor must return that there is no value, and a function with a status must
fail with INVALID_ARGUMENT. Where the headers give NULL a meaning, MEANS_SOMETHING says so.
"""

import ctypes
import math
import os
import re
import sys
from pathlib import Path

HEADERS = Path(__file__).resolve().parents[2] / "include/checkrob"
INVALID_ARGUMENT = -2
MEANS_SOMETHING = {
    "checkrob_options_copy",  # NULL options: nothing is set
    "checkrob_options_check",
    "checkrob_options_json",
    "checkrob_options_json_in_force",
}
NUMBERS = {"int", "unsigned", "size_t", "double", "float", "uint8_t", "uint32_t", "uint64_t", "int64_t", "char"}


class Function:
    def __init__(self, declaration):
        result, self.name, parameters = re.fullmatch(r"(.*?)\b(checkrob_\w+)\((.*)\)", declaration).groups()
        self.result = result.strip()
        self.parameters = [] if parameters == "void" else [p.strip() for p in parameters.split(",")]

    def takes_object(self):
        return any(is_object(p) for p in self.parameters)

    def call(self, library):
        """The result, in a process where nothing else happens."""
        function = getattr(library, self.name)
        function.restype = RESULTS.get(self.result, ctypes.c_int if "*" not in self.result else ctypes.c_void_p)
        function.argtypes = [ARGUMENTS.get(kind(p), ctypes.c_void_p) for p in self.parameters]
        room = ctypes.create_string_buffer(4096)
        return function(*(self.argument(p, room) for p in self.parameters))

    def argument(self, parameter, room):
        if "*" not in parameter and "[" not in parameter:
            return 0 if kind(parameter) in ARGUMENTS else None
        is_borrowed = parameter.startswith("const ") or is_object(parameter)
        return None if is_borrowed else ctypes.addressof(room)


RESULTS = {
    "void": None,
    "double": ctypes.c_double,
    "size_t": ctypes.c_size_t,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "uint32_t": ctypes.c_uint32,
    "unsigned": ctypes.c_uint,
    "const char *": ctypes.c_char_p,
}
ARGUMENTS = {
    "double": ctypes.c_double,
    "size_t": ctypes.c_size_t,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "uint32_t": ctypes.c_uint32,
    "unsigned": ctypes.c_uint,
    "int": ctypes.c_int,
}
ENUMERATIONS = set()
STRUCTURES = set()


def kind(parameter):
    """The type of a parameter such as "size_t count"; "*" for every pointer, "int" for an enumeration."""
    if "*" in parameter or "[" in parameter:
        return "*"
    name = parameter.split()[0]
    return "int" if name in ENUMERATIONS else name


def is_object(parameter):
    """A pointer to a handle; not to a structure that begins with its size, and not a place for a new handle."""
    found = re.match(r"(?:const )?(checkrob_\w+) \*(?!\*)", parameter)
    return bool(found) and found[1] not in ENUMERATIONS | STRUCTURES


def read_headers():
    text = "\n".join(path.read_text() for path in sorted(HEADERS.glob("*.h")))
    text = re.sub(r"/\*.*?\*/|^#[^\n]*", "", text, flags=re.S | re.M)
    ENUMERATIONS.update(re.findall(r"typedef enum (\w+)", text))
    STRUCTURES.update(re.findall(r"typedef struct (\w+) \{", text))
    return [Function(" ".join(d.split())) for d in re.findall(r"CHECKROB_API\s+([^;]+);", text)]


def complaint(function, result):
    """What is wrong with the result; "" for nothing."""
    if function.name in MEANS_SOMETHING or function.result == "void":
        return ""
    if function.result == "checkrob_status":
        return "" if result == INVALID_ARGUMENT else f"returns {result} instead of INVALID_ARGUMENT"
    none = result in (None, b"", 0, -1, 2**32 - 1) or (isinstance(result, float) and math.isnan(result))
    return "" if none else f"returns {result}"


def check(library, function):
    """In a child process, because the function may crash."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, complaint(function, function.call(library)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return f"ends with signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else text


def main(library):
    functions = [f for f in read_headers() if f.takes_object()]
    assert len(functions) > 100, len(functions)
    loaded = ctypes.CDLL(library)
    wrong = [f"{f.name} {text}" for f in functions if (text := check(loaded, f))]
    print("\n".join(wrong) or f"{len(functions)} functions accept NULL objects")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
