#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the sources and fails where a wall between rooms is broken. Usage: walls.py [ROOT]

The tables below are the one place that says what the rooms are. docs/architecture.md shows ROOMS in the same order,
and this script fails when it doesn't.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "ci")]
from graph import circles  # noqa: E402
from licence import without_licence  # noqa: E402
from source import Source  # noqa: E402

# The folders of lib/, left to right. A room includes itself and rooms to its left.
ROOMS = [
    "base",
    "parallel",
    "options",
    "image",
    "region",
    "dataset",
    "model",
    "saliency",
    "probe",
    "explain",
    "table",
    "analysis",
    "engine",
    "classes",
    "results",
    "gate",
    "report",
    "run",
    "html",
]

# The public headers, left to right, each with its room. A header includes headers to its left; a room includes the
# headers of itself and of rooms to its left.
HEADERS = {
    "export.h": "base",
    "status.h": "base",
    "version.h": "base",
    "options.h": "options",
    "image.h": "image",
    "preprocess.h": "image",
    "region.h": "region",
    "dataset.h": "dataset",
    "model.h": "model",
    "cut.h": "model",
    "saliency.h": "saliency",
    "score.h": "saliency",
    "explain.h": "explain",
    "row.h": "table",
    "extract.h": "analysis",
    "verdict.h": "classes",
    "results.h": "results",
    "gate.h": "gate",
    "report.h": "report",
    "check.h": "run",
    "run.h": "run",
    "html.h": "html",
}
ALL = "checkrob.h"  # includes all of HEADERS (export.h by way of the others), and no file of the library includes it

# Other libraries' headers, each with the folders that may include it.
LIBRARIES = {
    "jpeglib.h": ["lib/image"],
    "jerror.h": ["lib/image"],
    "png.h": ["lib/image"],
    "webp/": ["lib/image"],
    "expat.h": ["lib/dataset"],
    "yaml.h": ["lib/dataset"],
    "jansson.h": ["lib/base", "lib/options", "lib/image", "lib/dataset", "lib/table", "lib/gate", "lib/html", "tools"],
    "sqlite3.h": ["lib/table"],
    "torch/": ["shim"],
    "ATen/": ["shim"],
    "c10/": ["shim"],
    "caffe2/": ["shim"],
}

# Rooms that compute and do nothing else: no files, no clock, no threads.
PURE = ["saliency", "probe", "classes"]
IMPURE = (
    r"\b(?:FILE|f?open|fdopen|freopen|tmpfile|read|write|f?printf|f?puts|getenv|time|clock_gettime|s?rand"
    r"|pthread_\w+|thrd_\w+|checkrob_model_\w+|checkrob_dataset_\w+)\b(?=\s*[(*])"
)

# What may be used in some folders alone.
PLACES = [
    (r"\bsqlite3_\w+", ["lib/table"], "SQLite is used in lib/table alone"),
    (
        r"\b(?:pthread_create|thrd_create)\b",
        ["lib/parallel", "backend"],
        "threads are started in lib/parallel, and in backend/ by the worker, alone",
    ),
    (r"\b(?:posix_spawnp?|v?fork)\b(?=\s*\()", ["backend"], "processes are started in backend/ alone"),
    (r"\bdlopen\b", ["backend"], "libraries are loaded in backend/ alone"),
]
SQL = re.compile(
    r"\b(?:SELECT|INSERT(?: OR \w+)? INTO|CREATE (?:TABLE|INDEX|VIEW)|DROP (?:TABLE|INDEX)|UPDATE \w+ SET"
    r"|DELETE FROM|ALTER TABLE|PRAGMA|BEGIN(?: IMMEDIATE| EXCLUSIVE)?;|COMMIT|ROLLBACK|ATTACH)\b"
)
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
FLAGS_OF_OTHERS = {"--sparse", "--dereference", "--hard-dereference"}  # tar's
PROGRAMS = ("tools/", "backend/worker.c")  # have flags
STANDARD = {"math.h", "stdbool.h", "stddef.h", "stdint.h"}  # what a public header may include of C


class Tree:
    """The sources below a root, and what is wrong with them."""

    def __init__(self, root):
        self.root = Path(root)
        self.broken = []
        self.reported = set()
        folders = ["include", "lib", "backend", "shim", "tools", "examples"]
        paths = [p for f in folders for p in (self.root / f).rglob("*") if p.suffix in (".c", ".h", ".cpp", ".hpp")]
        self.sources = [Source(self.root, p.relative_to(self.root).as_posix()) for p in sorted(paths)]

    def report(self, path, line, sentence):
        """Once for each file and sentence: the first line serves."""
        if (path, sentence) not in self.reported:
            self.reported.add((path, sentence))
            self.broken.append(f"{path}:{line}: {sentence}")

    def below(self, *folders):
        return [s for s in self.sources if s.path.startswith(tuple(f + "/" for f in folders))]

    def exists(self, path):
        return (self.root / path).exists()


def room_of(path):
    """lib/dataset/formats/coco.c is in the room dataset; None where the path is in no room."""
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else None


def check_rooms(tree):
    """A room includes itself and rooms to its left, by paths below lib/."""
    for source in tree.below("lib"):
        room = room_of(source.path)
        if room not in ROOMS:
            tree.report(source.path, 1, f"lib/{room}/ is not in the table of rooms")
            continue
        for line, name, angle in source.includes:
            if name.startswith("checkrob/") and angle:
                check_public(tree, source, line, name[len("checkrob/") :], room)
            elif not angle and name not in ("shim/shim.h", "backend/backend.h"):
                check_internal(tree, source, line, name, room)


def check_public(tree, source, line, header, room):
    if header not in HEADERS:
        tree.report(source.path, line, f"<checkrob/{header}> is not for the library's own files, or not in the table")
    elif ROOMS.index(HEADERS[header]) > ROOMS.index(room):
        tree.report(source.path, line, f"{room}/ includes <checkrob/{header}>; {HEADERS[header]}/ is to its right")


def check_internal(tree, source, line, name, room):
    if not tree.exists("lib/" + name):
        tree.report(source.path, line, f'"{name}" is no path below lib/')
        return
    other = name.split("/")[0]
    if other not in ROOMS:
        tree.report(source.path, line, f"lib/{other}/ is not in the table of rooms")
    elif ROOMS.index(other) > ROOMS.index(room):
        tree.report(source.path, line, f"{room}/ includes {name}, which is to its right")


def check_headers(tree):
    """Public headers include C's, and public headers to their left; checkrob.h includes all."""
    order = list(HEADERS)
    found = {Path(s.path).name: s for s in tree.below("include/checkrob")}
    for header, source in found.items():
        if header not in HEADERS and header != ALL:
            tree.report(source.path, 1, "is not in the table of headers")
        for line, name, angle in source.includes:
            other = name.removeprefix("checkrob/")
            if not angle:
                tree.report(source.path, line, f'a public header includes "{name}"')
            elif not name.startswith("checkrob/"):
                if name not in STANDARD:
                    tree.report(source.path, line, f"a public header includes <{name}>")
            elif header in HEADERS and other not in order[: order.index(header)]:
                tree.report(source.path, line, f"{header} includes <{name}>, which is not to its left")
    if ALL in found:
        included = {name.removeprefix("checkrob/") for _, name, _ in found[ALL].includes}
        for header in sorted(set(found) - included - {ALL, "export.h"}):
            tree.report(found[ALL].path, 1, f"does not include <checkrob/{header}>")


def check_shim(tree):
    """The shim's header is for lib/model and backend/ alone, and both implementations know little of the library."""
    for source in tree.sources:
        for line, name, _ in source.includes:
            if Path(name).name == "shim.h" and not source.path.startswith(("lib/model/", "backend/", "shim/")):
                tree.report(source.path, line, "shim.h is for lib/model and backend/ alone")
            if Path(name).name == "backend.h" and not source.path.startswith(("lib/model/", "backend/")):
                tree.report(source.path, line, "backend.h is for lib/model alone")
    for source in tree.below("backend"):
        for line, name, angle in source.includes:
            known = name.startswith(("backend/", "base/")) or name == "shim/shim.h"
            if name.startswith("checkrob/") or not angle and not known:
                tree.report(source.path, line, f"backend/ includes {name}; it knows shim.h and base/ alone")
    for source in tree.below("shim"):
        for line, name, angle in source.includes:
            if name.startswith("checkrob/") or not angle and not tree.exists("shim/" + name):
                tree.report(source.path, line, f"the shim includes {name}, which is not its own")


def check_outside(tree):
    """tools/ and examples/ know <checkrob/...>, their own files, and nothing else of the library."""
    for source in tree.below("tools", "examples"):
        folder = Path(source.path).parent
        for line, name, angle in source.includes:
            if not angle and not tree.exists(folder / name):
                tree.report(source.path, line, f'"{name}" is not beside the file; the library is <checkrob/...> alone')
            elif not angle and ".." in name:
                tree.report(source.path, line, f'"{name}" leaves the folder')


def check_libraries(tree):
    for source in tree.sources:
        for line, name, _ in source.includes:
            for library, folders in LIBRARIES.items():
                if name == library or library.endswith("/") and name.startswith(library):
                    if not source.path.startswith(tuple(f + "/" for f in folders)):
                        tree.report(source.path, line, f"<{name}> is for {', '.join(folders)} alone")


def check_places(tree):
    for source in tree.sources:
        for pattern, folders, sentence in PLACES:
            if not source.path.startswith(tuple(f + "/" for f in folders)):
                for line, _ in source.find(pattern):
                    tree.report(source.path, line, sentence)
    for source in tree.below(*("lib/" + room for room in PURE)):
        for line, word in source.find(IMPURE):
            tree.report(source.path, line, f"{word}: {room_of(source.path)}/ only computes")


def check_strings(tree):
    for source in tree.below("lib", "backend", "tools", "shim"):
        for line, text in source.strings:
            if SQL.search(text) and not source.path.startswith("lib/table/"):
                tree.report(source.path, line, f'SQL is in lib/table alone: "{text}"')
            for flag in FLAG.findall(text):
                if not source.path.startswith(PROGRAMS) and flag not in FLAGS_OF_OTHERS:
                    tree.report(source.path, line, f"a message of the library names the flag {flag}")


def check_circles(tree):
    """No unit (a .c file and its header) includes or calls another one that, over others or not, needs it."""
    sources = tree.below("lib", "backend", "tools")
    units = {s.unit for s in sources}
    # What shim.h declares is called by way of it, whoever implements it.
    homes = {
        f: s.unit
        for s in sources
        if s.path.endswith(".c")
        for f in s.definitions()
        if f != "main" and not f.startswith("shim_")
    }
    includes, calls = {}, {}
    for source in sources:
        folder = source.path.split("/")[0]
        start = "" if folder == "backend" else folder + "/"
        targets = [(start + name).rsplit(".", 1)[0] for _, name, angle in source.includes if not angle]
        for target in targets:
            if target in units and target != source.unit:
                includes.setdefault(source.unit, {})[target] = "includes"
        if source.path.endswith(".c"):
            for word in sorted(source.words() & set(homes)):
                if homes[word] != source.unit:
                    calls.setdefault(source.unit, {})[homes[word]] = word
    for graph in (includes, calls):
        for circle in circles(graph):
            steps = " -> ".join(f"{a} ({graph[a][b]})" for a, b in zip(circle, circle[1:]))
            tree.report(circle[0], 1, f"files in a circle: {steps} -> {circle[-1]}")


def check_document(tree):
    """docs/architecture.md has a row for each room, in order."""
    document = tree.root / "docs/architecture.md"
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    shown = re.findall(r"^\| `lib/(\w+)/`", text, re.M)
    if shown != ROOMS:
        missing = [room for room in ROOMS if room not in shown]
        extra = [room for room in shown if room not in ROOMS]
        detail = f"missing: {missing}, not a room: {extra}" if missing or extra else "their order differs"
        tree.report("docs/architecture.md", 1, f"its table of rooms differs from walls.py's; {detail}")


def check_licence(tree):
    for path in without_licence(tree.root, [s.path for s in tree.sources]):
        tree.report(path, 1, "has no licence line; tests/ci/licence.py --write adds it")


def broken_walls(root):
    tree = Tree(root)
    for check in (
        check_rooms,
        check_headers,
        check_shim,
        check_outside,
        check_libraries,
        check_places,
        check_strings,
        check_circles,
        check_document,
        check_licence,
    ):
        check(tree)
    return tree.broken


if __name__ == "__main__":
    found = broken_walls(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1])
    for sentence in found:
        print(sentence)
    print(f"walls: {len(found)} broken" if found else "walls: all stand")
    sys.exit(1 if found else 0)
