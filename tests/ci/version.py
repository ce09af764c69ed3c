#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The version in include/checkrob/version.h is that of the changelog and the man page."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def find(path, pattern):
    found = re.search(pattern, (ROOT / path).read_text(encoding="utf-8"), re.M)
    return ".".join(found.groups()) if found else None


def main():
    header = "include/checkrob/version.h"
    version = find(header, r'VERSION_STRING "([0-9.]+)"')
    numbers = "".join(rf"#define CHECKROB_VERSION_{part} (\d+)\s*" for part in ("MAJOR", "MINOR", "PATCH"))
    versions = {
        f"{header}, as numbers": find(header, numbers),
        "CHANGELOG.md": find("CHANGELOG.md", r"^## \[([0-9.]+)\]"),
        "python/src/checkrob/_api.py": find("python/src/checkrob/_api.py", r'^VERSION = "([0-9.]+)"'),
        "docs/checkrob.1": find("docs/checkrob.1", r'^\.TH .*"checkrob ([0-9.]+)"'),
    }
    wrong = {place: found for place, found in versions.items() if found != version}
    for place, found in wrong.items():
        print(f"{place}: {found}; {header} has {version}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
