# SPDX-License-Identifier: Apache-2.0
"""The notebook of the examples runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest

import support

NOTEBOOK = support.ROOT / "examples/python/notebook.ipynb"

for package in "nbformat", "nbclient", "ipykernel", "numpy":
    if not support.has(package):
        print(f"skipped: there is no {package}")
        sys.exit(77)

import nbclient  # noqa: E402
import nbformat  # noqa: E402
from jupyter_client.manager import AsyncKernelManager  # noqa: E402


class Notebook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.notebook = nbformat.read(NOTEBOOK, as_version=4)
        cls.stored = [cell for cell in cls.notebook.cells if cell.cell_type == "code" and cell.outputs]
        os.environ["IPYTHONDIR"] = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"ipython-{os.getuid()}")
        # The kernel is the system's Python, which does not know a package that is installed in this test's venv.
        os.environ["PYTHONPATH"] = os.path.dirname(os.path.dirname(support.checkrob.__file__))
        folder = tempfile.TemporaryDirectory(dir="/tmp")  # the path of a socket has a limit
        cls.addClassCleanup(folder.cleanup)

        class Manager(AsyncKernelManager):
            """Speaks by files: a port that is free now may be another program's when the kernel has started."""

            def __init__(self, **options):
                super().__init__(**options, transport="ipc", ip=os.path.join(folder.name, "kernel"))

        client = nbclient.NotebookClient(
            cls.notebook,
            kernel_manager_class=Manager,
            timeout=3600,
            startup_timeout=600,
            resources={"metadata": {"path": NOTEBOOK.parent}},
        )
        client.execute()
        written = os.environ.get("CHECKROB_NOTEBOOK")  # to look at: jupyter nbconvert --to html
        if written:
            nbformat.write(cls.notebook, written)
        cls.outputs = [output for cell in cls.notebook.cells if cell.cell_type == "code" for output in cell.outputs]

    def data(self, kind):
        return ["".join(o.data[kind]) for o in self.outputs if kind in o.get("data", {})]

    def test_it_is_stored_without_outputs(self):
        self.assertEqual(self.stored, [])

    def test_it_shows_the_table_and_the_overlay(self):
        pages = self.data("text/html")
        table = next(page for page in pages if page.startswith("<table>"))
        self.assertEqual(table.count("<tr>"), 11)
        for word in "non-robust", "shirt", "200 samples, 10 classes":
            self.assertIn(word, table)
        self.assertTrue(any("data:image/png;base64," in page for page in pages))
        self.assertEqual(len(self.data("image/png")), 1)

    def test_it_says_what_is_true(self):
        """Classes with the emblem are lost without the corners, and others are not."""
        text = "".join(o.text for o in self.outputs if o.output_type == "stream")
        shares = {
            line.split()[0]: float(line.split()[-1][:-1]) / 100 for line in text.splitlines() if "corners" in line
        }
        self.assertEqual(len(shares), 10)
        for name, share in shares.items():
            emblem = name in ("shirt", "pullover", "tshirt", "coat")
            (self.assertLess if emblem else self.assertGreater)(share, 0.7, name)


if __name__ == "__main__":
    unittest.main()
