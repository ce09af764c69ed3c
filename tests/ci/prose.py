#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prose in Markdown files. Usage: prose.py --check | --wrap | --words [FILE...]

--check  names each line of more than 100 columns and fails; fenced code, tables, and lines that hold one long word or
         link are excepted
--wrap   wraps paragraphs and list items that have such a line anew
--words  names each use of a word that house style replaces (CONTRIBUTING.md, "English"), and never fails

Without files: all Markdown files that git knows of; for --words also headers, messages and the man page.
"""

import argparse
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/walls"))
from source import TOKEN  # noqa: E402

COLUMNS = 100
# What stands there: what to write, where it is meant so.
WORDS = {
    r"(?:go|goes|went|gone|going) on\b": "resume, continue",
    r"sentences?\b": "error message",
    r"turn(?:s|ed|ing)? (?:into|out|to|a|an|the)\b": "convert, compute",
    r"(?:keep|keeps|kept|keeping)\b": "store, hold, stay",
    r"(?:give|gives|gave|given|giving)\b": "return, pass, set, produce",
    r"places?\b": "position, folder, pixel",
    r"(?:tell|tells|told|telling)\b": "report, state, distinguish",
    r"settles?d?\b": "decide, determine",
    r"(?:come|comes|came|coming) (?:to|behind|out)\b": "result in, follow",
    r"(?:is|are|was|were) said\b": "is reported",
    r"behind\b": "after, following",
    r"\bends?\b(?! of| to)": "interrupt, stop, finish",
    r"mend(?:s|ed)?\b": "fix, correct",
    r"lies?\b": "is",
}


def blocks(text):
    """Yields (first line's number, lines, whether it is prose): a fence, a table, or a paragraph or list item."""
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        start = i
        fence = re.match(r"\s*(```+|~~~+)", lines[i])
        if fence:
            i += 1
            while i < len(lines) and not lines[i].strip().startswith(fence[1]):
                i += 1
            i += 1
            yield start + 1, lines[start:i], False
        elif re.match(r"\s*(\||#|<|!\[|\[[^]]+\]:)", lines[i]) or not lines[i].strip():
            i += 1
            yield start + 1, lines[start:i], False
        else:
            i += 1
            while i < len(lines) and lines[i].strip() and not re.match(r"\s*(\||#|```|[-*+] |\d+\. )", lines[i]):
                i += 1
            yield start + 1, lines[start:i], True


def too_long(line):
    """Whether the line could have been broken before its last word within the columns."""
    return len(line) > COLUMNS and " " in line.strip()[: COLUMNS - (len(line) - len(line.lstrip()))].lstrip("-*+# ")


def wrapped(lines):
    """The block's text anew; a list item's further lines stand below its first letter."""
    first = re.match(r"(\s*)((?:[-*+]|\d+\.) +)?", lines[0])
    hanging = " " * len(first[0])
    text = " ".join(line.strip() for line in lines)[len(first[2] or "") :]
    out = textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=first[0],
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # A dash or a number that comes to stand first would begin a list.
    return lines if any(re.match(r"\s*([-*+>|#]|\d+\.)(\s|$)", line) for line in out[1:]) else out


def long_lines(text):
    """(number, line) of each line that is too long; in headings and images nothing can be broken."""
    return [(n + i, line) for n, lines, prose in blocks(text) if prose for i, line in enumerate(lines) if too_long(line)]


def wrap(text):
    out = []
    for _, lines, prose in blocks(text):
        out += wrapped(lines) if prose and any(map(too_long, lines)) else lines
    return "\n".join(out)


def listed(*patterns):
    run = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / p for p in run.stdout.split("\0") if p and (ROOT / p).is_file()]


def comments_and_strings(code):
    """The words of a source file, on the lines where they stand."""
    out, end = "", 0
    for token in TOKEN.finditer(code):
        out += "\n" * code.count("\n", end, token.start()) + token[0]
        end = token.end()
    return out


def report_words(files):
    total = 0
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.suffix in (".c", ".h", ".cpp", ".hpp"):
            text = comments_and_strings(text)
        for number, line in enumerate(text.split("\n"), 1):
            for pattern, better in WORDS.items():
                for found in re.finditer(r"\b" + pattern, line, re.I):
                    print(f"{file.relative_to(ROOT)}:{number}: {found[0]} ({better}): {line.strip()}")
                    total += 1
    print(f"words: {total}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("check", "wrap", "words"):
        mode.add_argument("--" + name, action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()

    markdown = [f.resolve() for f in options.files] or listed("*.md")
    if options.words:
        report_words(markdown if options.files else markdown + listed("*.[ch]", "*.[ch]pp", "docs/*.1"))
        return
    bad = 0
    for file in markdown:
        text = file.read_text(encoding="utf-8")
        if options.wrap and wrap(text) != text:
            file.write_text(wrap(text), encoding="utf-8")
        elif options.check:
            for number, line in long_lines(text):
                print(f"{file.relative_to(ROOT)}:{number}: {len(line)} columns")
                bad += 1
    if options.check:
        print(f"prose: {bad} lines of more than {COLUMNS} columns" if bad else f"prose: within {COLUMNS} columns")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
