#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The licence line at the top of every source file. Usage: licence.py --check | --write [FILE...]

Without files: all that git knows of. --check names the files without the line and fails; --write adds it, after a
shebang where there is one, and changes nothing in a file that has it.
"""

import argparse
import subprocess
import sys
from pathlib import Path

LINE = "SPDX-License-Identifier: Apache-2.0"
FORMS = {
    "/* {} */": [".c", ".h", ".c.in", ".map"],
    "// {}": [".cpp", ".hpp"],
    "# {}": [".py", ".sh", ".cmake", ".cmake.in", ".pc.in", ".yml", ".yaml", ".toml", "CMakeLists.txt", ".ci/run",
             ".clang-format", ".clang-tidy", ".editorconfig", ".codespellrc", ".gitignore"],
    '.\\" {}': [".1"],
}  # fmt: skip


def form_of(path):
    """The comment that a file of this name takes; None for a file that takes none (data, prose, JSON)."""
    for form, endings in FORMS.items():
        if path.endswith(tuple(endings)):
            return form
    return None


def has_licence(text):
    """Whether the line is the first one, or the second one behind a shebang."""
    lines = text.split("\n", 2)[:2]
    return LINE in (lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0])


def with_licence(text, form):
    if has_licence(text):
        return text
    first, rest = "", text
    if text.startswith("#!"):
        first, _, rest = text.partition("\n")
        first += "\n"
    return first + form.format(LINE) + "\n" + rest


def without_licence(root, paths):
    """Those of the paths that should have the line, and don't."""
    return [p for p in paths if form_of(p) and not has_licence((Path(root) / p).read_text(encoding="utf-8"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true")
    mode.add_argument("--write", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()

    root = Path(__file__).resolve().parents[2]
    paths = options.files
    if not paths:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True)
        paths = [p for p in listed.stdout.split("\0") if p and (root / p).is_file()]
    missing = without_licence(root, paths)
    for path in missing:
        if options.write:
            file = root / path
            file.write_text(with_licence(file.read_text(encoding="utf-8"), form_of(path)), encoding="utf-8")
        else:
            print(f"{path}: no licence line")
    if options.check:
        print(f"licence line: missing in {len(missing)} files" if missing else "licence line: in every source file")
        sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
