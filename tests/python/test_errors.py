# SPDX-License-Identifier: Apache-2.0
"""Each status of the library is an exception with the library's message."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import checkrob
import support
from checkrob import _library, _options, errors
from checkrob._api import Status


class Statuses(unittest.TestCase):
    def test_each_has_a_class(self):
        for status in Status:
            error = errors.of(status, "a message")
            self.assertIsInstance(error, checkrob.CheckrobError)
            self.assertEqual((str(error), error.status), ("a message", status))
            if status not in (Status.OK, Status.ERROR, Status.END):
                self.assertIsNot(type(error), checkrob.CheckrobError, status)

    def test_python_has_classes_for_some_of_them(self):
        for ours, python in (
            (checkrob.InvalidArgumentError, ValueError),
            (checkrob.NotFoundError, LookupError),
            (checkrob.MissingFileError, FileNotFoundError),
            (checkrob.UnknownOptionError, TypeError),
            (checkrob.BadInputError, ValueError),
            (checkrob.InputOutputError, OSError),
            (checkrob.OutOfMemoryError, MemoryError),
            (checkrob.LibraryError, ImportError),
            (checkrob.MissingPackageError, ImportError),
        ):
            self.assertTrue(issubclass(ours, python) and issubclass(ours, checkrob.CheckrobError), ours)

    def test_the_message_is_the_librarys(self):
        with _options.made({}) as made, made as pointer, self.assertRaisesRegex(checkrob.NotFoundError, "xyzzy"):
            _library.call("options_set", pointer, b"xyzzy", b"1")
        with self.assertRaisesRegex(checkrob.BadInputError, "README.md"):
            checkrob.open(support.ROOT / "README.md")

    def test_a_missing_file_and_a_missing_layer_differ(self):
        with self.assertRaises(FileNotFoundError) as caught:
            checkrob.results("there-are-no-results.sqlite")
        for error in caught.exception, pickle.loads(pickle.dumps(caught.exception)):
            self.assertEqual(error.errno, errno.ENOENT)
            self.assertRegex(str(error), "^cannot open .*there-are-no-results.sqlite: No such file")
        with support.model() as model, self.assertRaises(checkrob.NotFoundError) as caught:
            model.explain(support.BOOT, 9, layer="features.99")
        self.assertNotIsInstance(caught.exception, FileNotFoundError)

    def test_a_missing_folder(self):
        for name in "images", "annotations":
            with self.assertRaisesRegex(FileNotFoundError, "no-such-folder"):
                support.data(**{name: "no-such-folder"})
        with support.model() as model, support.data(limit=2) as data:
            results = checkrob.score(model, data, progress=False)
        with results, self.assertRaisesRegex(FileNotFoundError, "no-such-folder"):
            results.export("classes.csv", "no-such-folder/classes.csv")

    def test_what_is_no_preprocessing(self):
        with self.assertRaisesRegex(TypeError, r"preprocess is imagenet, paper, .*not of the type function.*mean"):
            support.model(preprocess=lambda image: image)

    def test_messages_name_what_python_has(self):
        with support.model() as model:
            with self.assertRaisesRegex(checkrob.NotFoundError, r"\(model.layers\(\) lists all\)"):
                model.explain(support.BOOT, 9, layer="features.99")
            with self.assertRaisesRegex(ValueError, r"no classes: pass classes="):
                checkrob.score(model, [(support.BOOT, 0, [0, 0, 9, 9])])
        with tempfile.TemporaryDirectory() as folder, support.model() as model, support.data(limit=4) as data:
            checkrob.score(model, data, out=folder, progress=False).close()
            with self.assertRaisesRegex(checkrob.OtherOptionsError, "method was .*use another `out`, or remove"):
                checkrob.score(model, data, out=folder, method="gradcam")

    def test_what_is_no_model(self):
        for wrong in {"weight": 1}, None, 7, lambda x: x:
            with self.assertRaisesRegex(TypeError, "a model is the path of .*not of the type"):
                checkrob.open(wrong)
            with self.assertRaisesRegex(TypeError, "a model is the path of .*not of the type"):
                checkrob.score(wrong, "voc")

    def test_a_column_that_is_not_there(self):
        with self.assertRaisesRegex(checkrob.NotFoundError, "did you mean 'rs'"):
            checkrob.rows.Reader("sample", ["rss"])
        with self.assertRaisesRegex(checkrob.NotFoundError, "no table 'samples'; there are sample, class"):
            checkrob.rows.Reader("samples")

    def test_a_package_that_is_not_there(self):
        with self.assertRaisesRegex(
            checkrob.MissingPackageError, r"to_xyzzy\(\) needs the package xyzzy_frames: pip install"
        ):
            _library.package("xyzzy_frames.core", "to_xyzzy()")


class Library(unittest.TestCase):
    def load(self, path):
        code = "import checkrob\ntry: checkrob.image('x')\nexcept checkrob.LibraryError as problem: print(problem)"
        environment = dict(os.environ, CHECKROB_LIBRARY=str(path))
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        ).stdout

    def test_that_is_not_there(self):
        self.assertIn("/no/such/file.so (CHECKROB_LIBRARY names it) cannot be loaded", self.load("/no/such/file.so"))

    def test_that_is_another_one(self):
        self.assertIn("checkrob_version", self.load("libc.so.6"))

    def opened(self, library, folder):
        """What opening a model says in a program that loads the library in one folder and goes to another."""
        code = (
            "import checkrob, os, sys\ncheckrob.Preprocess('imagenet')\nos.chdir('/')\n"
            "try: print(checkrob.open(sys.argv[1], preprocess=sys.argv[2], worker='always').class_count)\n"
            "except checkrob.CheckrobError as problem: print(problem)"
        )
        return subprocess.run(
            [sys.executable, "-c", code, support.PLANTED / "model.pt", support.PLANTED / "preprocess.json"],
            env=dict(os.environ, CHECKROB_LIBRARY=library), cwd=folder, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def test_a_relative_path_and_a_worker_that_cannot_be_executed(self):
        found = os.path.realpath(_library.get()._name)
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/checkrob")
            for path in (found, *Path(found).parent.glob("checkrob/*")):
                shutil.copy(path, f"{folder}/{os.path.relpath(path, os.path.dirname(found))}")
            self.assertEqual(self.opened("./" + os.path.basename(found), folder), "10\n")
            os.chmod(f"{folder}/checkrob/checkrob-worker", 0o644)
            said = self.opened("./" + os.path.basename(found), folder)
            self.assertRegex(said, "there is no worker.*checkrob-worker cannot be executed .its permissions")


if __name__ == "__main__":
    unittest.main()
