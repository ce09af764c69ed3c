#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command is built on the public headers alone, so it has its own copy of how files are written. This fails
where the copies differ in more than what they are called and include. Usage: same_form.py [ROOT]
"""
import re
import sys
from pathlib import Path

PAIRS = [("lib/base/write_target.c", "tools/write_target.c"), ("lib/base/write_target.h", "tools/write_target.h")]
OWN = re.compile(r'#include "(base/)?write_target\.h"|#(ifndef|define) CHECKROB_(LIB|TOOLS)_WRITE_TARGET_H')


def lines(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not OWN.fullmatch(line)]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    broken = 0
    for one, other in PAIRS:
        left, right = lines(root / one), lines(root / other)
        if left == right:
            continue
        at = next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), min(len(left), len(right)))
        print("%s and %s differ: %r and %r" % (one, other, left[at : at + 1], right[at : at + 1]))
        broken += 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
