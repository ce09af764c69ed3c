# SPDX-License-Identifier: Apache-2.0
"""Reads C and C++ sources as far as the walls need it: includes, code, string literals, functions."""

import re
from pathlib import Path

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<character>'(?:\\.|[^'\\\n])+')""",
    re.S | re.X,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)[^\n]*', re.M)
# clang-format starts a definition at the margin. Parameters may themselves have parentheses.
DEFINITION = re.compile(
    r"^(?!static\b|typedef\b|else\b|#)[A-Za-z_][\w \t*]*?\b(\w+)"
    r"\([^;{}()]*(?:\([^;{}()]*\)[^;{}()]*)*\)[ \t]*\{",
    re.M,
)


def empty_lines(text):
    return "\n" * text.count("\n")


class Source:
    """One file.

    path      relative to the root, with slashes
    includes  list of (line, name, whether it stands in angle brackets)
    strings   list of (line, text between the quotation marks)
    code      the text without comments, includes, and what is in quotation marks; lines stay where they are
    """

    def __init__(self, root, path):
        self.path = path
        self.text = (Path(root) / path).read_text(encoding="utf-8", errors="replace")
        plain = TOKEN.sub(lambda m: empty_lines(m[0]) if m["comment"] else m[0], self.text)
        self.includes = [(line(plain, m.start()), m[1] or m[2], m[1] is None) for m in INCLUDE.finditer(plain)]
        plain = INCLUDE.sub("", plain)
        self.strings = [(line(plain, m.start()), m[0][1:-1]) for m in TOKEN.finditer(plain) if m["string"]]
        self.code = TOKEN.sub(lambda m: '""' if m["string"] else "' '", plain)

    @property
    def unit(self):
        """A .c file and the header of the same name are one unit."""
        return self.path.rsplit(".", 1)[0]

    def find(self, pattern):
        """The lines of the code on which the pattern occurs, each with what was found."""
        return [(line(self.code, m.start()), m[0]) for m in re.finditer(pattern, self.code)]

    def definitions(self):
        """The functions that other files can call."""
        return {m[1] for m in DEFINITION.finditer(self.code)}

    def words(self):
        return set(re.findall(r"\b[A-Za-z_]\w*\b", self.code))


def line(text, position):
    return text.count("\n", 0, position) + 1
