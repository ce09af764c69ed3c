#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""walls.py on a small tree whose walls stand, and on the same tree with one wall broken at a time."""

import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "ci")]
from graph import circles  # noqa: E402
from licence import has_licence, with_licence  # noqa: E402
from walls import ROOMS, broken_walls  # noqa: E402

LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
GOOD = {
    "include/checkrob/checkrob.h": "#include <checkrob/status.h>\n#include <checkrob/image.h>\n",
    "include/checkrob/status.h": "#include <stddef.h>\n",
    "include/checkrob/image.h": "#include <checkrob/status.h>\n",
    "lib/base/text.h": "#include <stdio.h>\nint text_length(const char *text);\n",
    "lib/base/text.c": '#include "base/text.h"\n\nint text_length(const char *text) {\n  return *text != 0;\n}\n',
    "lib/image/image.h": "#include <checkrob/image.h>\n",
    "lib/image/png.c": '#include <png.h>\n#include "base/text.h"\n#include "image/image.h"\n',
    "lib/dataset/formats/coco.c": '#include <jansson.h>\n#include "image/image.h"\n',
    "lib/model/model.c": '#include "shim/shim.h"\n',
    "lib/table/store.c": '#include <sqlite3.h>\n\nconst char *sql = "SELECT name FROM sample";\n',
    "lib/saliency/score.c": "#include <math.h>\n/* no fopen( here, nor a \"--flag\" */\n",
    "shim/shim.h": "#include <stddef.h>\n",
    "backend/backend.h": '#include "shim/shim.h"\n',
    "backend/route.c": '#include "backend/backend.h"\n#include "base/text.h"\n',
    "backend/worker.c": 'const char *help = "--version";\n',
    "shim/walk.cpp": '#include <torch/script.h>\n#include "shim.h"\n',
    "tools/main.c": '#include <checkrob/checkrob.h>\n#include "command.h"\nconst char *help = "--model";\n',
    "tools/command.h": "",
    "examples/score.c": "#include <checkrob/checkrob.h>\n",
}
DOCUMENT = "| folder | holds |\n|---|---|\n" + "".join(f"| `lib/{room}/` | x |\n" for room in ROOMS)


def broken(changes):
    """What walls.py says about the good tree with these files changed or added."""
    with tempfile.TemporaryDirectory() as root:
        files = {path: LICENCE + text for path, text in GOOD.items()}
        files["docs/architecture.md"] = DOCUMENT
        files.update(changes)
        for path, text in files.items():
            file = Path(root) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return broken_walls(root)


class Walls(unittest.TestCase):
    def says(self, path, text, expected, licence=LICENCE):
        """Exactly one wall is broken, at this path, and the sentence names it."""
        found = broken({path: licence + text})
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path.rsplit(".", 1)[0]), found)
        self.assertIn(expected, found[0])

    def test_good(self):
        self.assertEqual(broken({}), [])

    def test_room_to_the_right(self):
        self.says("lib/image/sniff.c", '#include "model/model.h"\n', "no path below lib/")
        self.assertIn("to its right", broken({"lib/model/model.h": LICENCE,
                                              "lib/image/sniff.c": LICENCE + '#include "model/model.h"\n'})[0])
        self.says("lib/dataset/files/tar.c", '#include "table/store.c"\n', "to its right")
        self.says("lib/base/hash.c", "#include <checkrob/image.h>\n", "to its right")

    def test_unknown_room_and_header(self):
        self.says("lib/attic/a.c", "", "not in the table of rooms")
        self.says("lib/image/sniff.c", "#include <checkrob/checkrob.h>\n", "not for the library's own files")
        self.assertIn("table of headers", broken({"include/checkrob/new.h": LICENCE})[0])

    def test_public_headers(self):
        self.says("include/checkrob/status.h", "#include <checkrob/image.h>\n", "not to its left")
        self.says("include/checkrob/image.h", "#include <time.h>\n", "a public header includes <time.h>")
        self.says("include/checkrob/image.h", '#include "image/image.h"\n', "a public header includes")
        self.says("include/checkrob/checkrob.h", "#include <checkrob/status.h>\n", "does not include <checkrob/image.h>")

    def test_shim(self):
        self.says("lib/explain/smooth.c", '#include "shim/shim.h"\n', "lib/model and backend/ alone")
        self.says("lib/model/cut.c", "#include <torch/script.h>\n", "is for shim alone")
        self.says("lib/model/cut.c", "#include <ATen/Parallel.h>\n", "is for shim alone")
        self.says("shim/cut.cpp", '#include "base/text.h"\n', "not its own")
        self.says("shim/cut.cpp", "#include <checkrob/status.h>\n", "not its own")

    def test_backend(self):
        self.says("lib/explain/smooth.c", '#include "backend/backend.h"\n', "lib/model alone")
        self.says("backend/route.c", '#include "model/model.h"\n', "knows shim.h and base/ alone")
        self.says("backend/route.c", "#include <checkrob/model.h>\n", "knows shim.h and base/ alone")
        self.says("lib/run/run.c", "void f(void) { posix_spawn(0, 0, 0, 0, 0, 0); }\n", "in backend/ alone")
        self.says("lib/run/run.c", "void *f(void) { return dlopen(0, 1); }\n", "in backend/ alone")
        self.says("backend/route.c", 'const char *s = "set --worker";\n', "names the flag --worker")
        self.assertIn("circle", broken({
            "backend/a.c": LICENCE + '#include "backend/b.h"\n', "backend/b.c": LICENCE + '#include "backend/a.h"\n',
            "backend/a.h": LICENCE + '#include "backend/b.h"\n', "backend/b.h": LICENCE})[0])

    def test_outside(self):
        self.says("tools/check.c", '#include "base/text.h"\n', "not beside the file")
        self.says("examples/explain.c", '#include "../tools/command.h"\n', "leaves the folder")

    def test_libraries(self):
        self.says("lib/results/results.c", "#include <sqlite3.h>\n", "is for lib/table alone")
        self.says("lib/dataset/voc.c", "#include <png.h>\n", "is for lib/image alone")

    def test_sql(self):
        self.says("lib/results/merge.c", 'const char *s = "INSERT OR IGNORE INTO class";\n', "SQL is in lib/table alone")
        self.says("tools/export.c", 'const char *s = "SELECT 1";\n', "SQL is in lib/table alone")
        self.says("lib/results/merge.c", "void f(void) { sqlite3_step(0); }\n", "SQLite is used in lib/table alone")

    def test_flags(self):
        self.says("lib/run/run.c", 'const char *s = "see `--restart`";\n', "names the flag --restart")
        self.assertEqual(broken({"lib/dataset/tar.c": LICENCE + 'const char *s = "tar --dereference, a -- b";\n'}), [])

    def test_pure(self):
        self.says("lib/saliency/score.c", 'void f(void) { fopen("x", "r"); }\n', "fopen: saliency/ only computes")
        self.says("lib/classes/verdict.c", "void f(void) { pthread_mutex_lock(0); }\n", "only computes")

    def test_threads(self):
        self.says("lib/engine/engine.c", "void f(void) { pthread_create(0, 0, 0, 0); }\n", "threads are started in lib/parallel")

    def test_circle_of_includes(self):
        found = broken({"lib/image/a.h": LICENCE + '#include "image/b.h"\n',
                        "lib/image/b.h": LICENCE + '#include "image/c.h"\n',
                        "lib/image/c.c": LICENCE + '#include "image/a.h"\n', "lib/image/c.h": LICENCE})
        self.assertEqual(len(found), 1, found)
        self.assertIn("circle: lib/image/a (includes) -> lib/image/b (includes) -> lib/image/c (includes) -> lib/image/a",
                      found[0])

    def test_circle_of_calls(self):
        found = broken({"lib/image/a.c": LICENCE + "int a_size(int x) {\n  return b_size(x);\n}\n",
                        "lib/image/b.c": LICENCE + "int b_size(int x) {\n  return a_size(x);\n}\n"})
        self.assertEqual(len(found), 1, found)
        self.assertIn("circle: lib/image/a (b_size) -> lib/image/b (a_size) -> lib/image/a", found[0])

    def test_document(self):
        swapped = DOCUMENT.replace("lib/base/", "X").replace("lib/run/", "lib/base/").replace("X", "lib/run/")
        self.assertIn("their order differs", broken({"docs/architecture.md": swapped})[0])
        self.assertIn("not a room: ['attic']", broken({"docs/architecture.md": DOCUMENT + "| `lib/attic/` | |\n"})[0])

    def test_licence(self):
        self.says("lib/base/hash.c", "int x;\n", "no licence line", licence="")


class Licence(unittest.TestCase):
    def test_write(self):
        self.assertEqual(with_licence("x\n", "// {}"), "// SPDX-License-Identifier: Apache-2.0\nx\n")
        script = with_licence("#!/bin/sh\nx\n", "# {}")
        self.assertEqual(script, "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nx\n")
        self.assertTrue(has_licence(script))
        self.assertEqual(with_licence(script, "# {}"), script)
        self.assertEqual(with_licence("", "# {}"), "# SPDX-License-Identifier: Apache-2.0\n")


class Circles(unittest.TestCase):
    def test_circles(self):
        self.assertEqual(circles({"a": "b", "b": "c"}), [])
        self.assertEqual(circles({"a": "a"}), [["a", "a"]])
        self.assertEqual(circles({"a": "b", "b": "cx", "c": "a", "x": "y", "y": "x"}), [["a", "b", "c", "a"], ["x", "y", "x"]])


if __name__ == "__main__":
    unittest.main()
