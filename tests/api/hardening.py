#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The libraries and the programs have the protections of cmake/hardening.cmake. Usage: hardening.py FILE...

Reads the ELF files with readelf: protections against bugs in memory handling, and against what a program would load from
the folder that it is started in.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Of glibc; a checked form is used where the compiler knows the size of what is written to.
FORTIFIED = {"memcpy", "memset", "snprintf", "fprintf", "printf", "vsnprintf", "fread"}


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], check=True, capture_output=True, text=True).stdout


def has_flag(option):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "a.c")
        source.write_text("int main(void) { return 0; }\n")
        command = ["cc", option, str(source), "-o", str(Path(folder, "a"))]
        if subprocess.run(command, capture_output=True).returncode:
            return ""
        return readelf("-n", str(Path(folder, "a")))


def search_path_problems(dynamic):
    for kind, path in re.findall(r"\((R(?:UN)?PATH)\).*\[(.*)\]", dynamic):
        for entry in path.split(":"):
            if not (entry.startswith("/") or re.match(r"\$ORIGIN(/|$)", entry)):
                yield f"{kind} {path!r} has the entry {entry!r}, which is relative to the current folder"


def stack_problems(headers):
    stack = re.search(r"GNU_STACK.* (R\w*) +0x", headers)
    if not stack or "E" in stack[1]:
        yield "the stack is executable, or its header is missing"
    for line in re.findall(r"^ *LOAD .*", headers, flags=re.M):
        if re.search(r" RWE +0x", line):
            yield "a segment is writable and executable"


def symbol_problems(symbols, is_c):
    names = set(re.findall(r"UND (\w+)", symbols))
    if "__stack_chk_fail" not in names:
        yield "no function has a stack protector"
    # The shim, in C++, has no call whose size the compiler knows.
    if is_c and not any(f"__{name}_chk" in names for name in FORTIFIED):
        yield "no call is fortified"


def problems(path):
    dynamic, headers = readelf("-d", path), readelf("-l", path)
    is_program = ".so" not in Path(path).name
    if "GNU_RELRO" not in headers:
        yield "no RELRO"
    if not re.search(r"BIND_NOW|\(FLAGS_1\).*\bNOW\b", dynamic):
        yield "symbols are not bound while it is loaded, so RELRO is partial"
    if "(TEXTREL)" in dynamic:
        yield "it has relocations in its code"
    if is_program and not ("Type:                              DYN" in readelf("-h", path) and "PIE" in dynamic):
        yield "the program has a fixed address"
    if not is_program and "NODELETE" not in dynamic:
        yield "dlclose() would unload it"
    yield from search_path_problems(dynamic)
    yield from stack_problems(headers)
    yield from symbol_problems(readelf("--dyn-syms", path), "shim" not in Path(path).name)
    # The linker writes the note if all that it links has it, libc's own start files included.
    if "IBT" in has_flag("-fcf-protection") and "IBT" not in readelf("-n", path):
        yield "not all of its code is compiled with -fcf-protection"


def main(*paths):
    wrong = [f"{path}: {p}" for path in paths for p in problems(path)]
    print("\n".join(wrong) or "all protections are there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
