# SPDX-License-Identifier: Apache-2.0
"""score() and its results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import checkrob
import checkrob.distributed
import support


class Score(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model, cls.data = support.model(), support.data()
        cls.results = checkrob.score(cls.model, cls.data, progress=False)

    def test_classes_are_those_of_the_command(self):
        found = [(row.class_, round(row.acc, 3), round(row.crs, 3), row.verdict) for row in self.results.classes]
        lines = (support.ROOT / "tests/examples/score.txt").read_text().splitlines()
        expected = [
            line.replace(": accuracy ", ",").replace(", CRS ", ",").replace(", ", ",").split(",") for line in lines
        ]
        self.assertEqual(len(found), 10)
        for row, (name, accuracy, crs, verdict) in zip(found, expected):
            self.assertEqual((row[0], row[3]), (name, verdict))
            self.assertAlmostEqual(row[1], float(accuracy), delta=2e-3)
            self.assertAlmostEqual(row[2], float(crs), delta=2e-3)

    def test_samples_totals_and_options(self):
        self.assertEqual(len(self.results.samples), 200)
        self.assertEqual(self.results.totals.samples, 200)
        self.assertTrue(self.results.complete)
        self.assertEqual(self.results.option("method"), "gradcam++")
        self.assertEqual(self.results.samples[0].image, "bag_000.png")
        self.assertEqual(self.results.samples[0]["class"], "bag")
        mean = sum(row.rs for row in self.results.samples if row.class_ == "boot") / 20
        boot = next(row for row in self.results.classes if row.class_ == "boot")
        self.assertAlmostEqual(mean, boot.crs, places=6)

    def test_a_path_and_a_format_do_as_well(self):
        options = {"images": support.SCENES, "annotations": support.ANNOTATIONS, "classes": support.CLASSES,
                   "preprocess": support.PLANTED / "preprocess.json", "threads": 1}  # fmt: skip
        with checkrob.score(support.PLANTED / "model.pt", "voc", progress=False, **options) as results:
            self.assertEqual([row.crs for row in results.classes], [row.crs for row in self.results.classes])

    def test_a_stored_run_resumes_and_opens_again(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "new" / "results"
            first = checkrob.score(self.model, self.data, out=out, progress=False)
            second = checkrob.score(self.model, self.data, out=out, progress=False)
            self.assertEqual(list(map(repr, first.table("class"))), list(map(repr, second.classes)))
            summary = json.loads((out / "summary.json").read_text())
            self.assertEqual(summary["options"]["images"], [str(support.SCENES)])
            with checkrob.results(out) as opened:
                self.assertEqual(len(opened.classes), 10)
            with self.assertRaisesRegex(checkrob.OtherOptionsError, "method"):
                checkrob.score(self.model, self.data, out=out, progress=False, method="gradcam")

    def test_a_class_map_from_memory(self):
        names = checkrob.ClassMap(support.CLASSES).names
        expected = list(map(repr, self.results.classes))
        with tempfile.TemporaryDirectory() as folder:
            for classes in names, list(names), checkrob.ClassMap(names):
                with support.data(classes=classes) as data:
                    results = checkrob.score(self.model, data, out=folder, progress=False)
                    self.assertEqual(list(map(repr, results.classes)), expected)
            summary = json.loads((Path(folder) / "summary.json").read_text())
            self.assertEqual(checkrob.ClassMap(summary["options"]["classes"]).names, names)
        with self.assertRaisesRegex(checkrob.BadInputError, "the class map"):
            checkrob.ClassMap({"cat": -1})

    def test_the_command_finds_the_data_of_a_run(self):
        command = os.environ.get("CHECKROB_COMMAND")
        if not command:
            self.skipTest("CHECKROB_COMMAND is not set")
        with tempfile.TemporaryDirectory() as folder:
            checkrob.score(self.model, self.data, out=folder, progress=False).close()
            report = [command, "report", folder, "--out", folder + "/report.html", "--pictures-per-class", "2"]
            subprocess.run(report, check=True, capture_output=True)
            self.assertIn("data:image", Path(folder, "report.html").read_text())

    def test_options_of_the_data_are_not_ignored(self):
        for name, value in (("limit", 20), ("classes", {"boot": 9}), ("images", "elsewhere")):
            with self.subTest(name), self.assertRaisesRegex(ValueError, f"{name} .*checkrob.dataset"):
                checkrob.score(self.model, self.data, progress=False, **{name: value})
        with support.model(limit=20) as model, self.assertRaisesRegex(ValueError, "limit"):
            checkrob.score(model, self.data, progress=False)
        same = {"images": str(support.SCENES), "limit": 20}
        with support.data(limit=20) as data, checkrob.score(self.model, data, progress=False, **same) as results:
            self.assertEqual(len(results.samples), 20)

    def test_a_report_finds_data_that_score_opened(self):
        options = {"images": support.SCENES, "annotations": support.ANNOTATIONS, "classes": support.CLASSES}
        own = [(support.BOOT, "boot", [10, 10, 50, 50]), (support.BOOT, "boot", [10, 10, 50, 50])]
        with tempfile.TemporaryDirectory() as folder:
            for source, given in (("voc", {**options, "limit": 20}), (own, {"classes": support.CLASSES})):
                with checkrob.score(self.model, source, progress=False, **given) as results:
                    written = results.report(Path(folder, "report.html"), progress=False)
                    self.assertGreater(written.pictures, 0)
                    data = results._data[0]
                self.assertTrue(data.closed)

    def test_results_say_what_failed(self):
        with support.data(classes={"cat": 0}, limit=20) as data:
            with self.assertWarnsRegex(checkrob.CheckrobWarning, "20 samples failed.*add the name"):
                results = checkrob.score(self.model, data, progress=False)
            with results:
                self.assertIn("20 samples, 20 failed", repr(results))
        self.assertNotIn("failed", repr(self.results))

    def test_wrong_names_and_values(self):
        with self.assertRaisesRegex(TypeError, "there is no option 'meth0d'; did you mean 'method'"):
            checkrob.score(self.model, self.data, meth0d="gradcam")
        with self.assertRaisesRegex(TypeError, "there is no option 'restart': remove the folder"):
            checkrob.score(self.model, self.data, restart=True)
        with self.assertRaisesRegex(ValueError, "batch"):
            checkrob.score(self.model, self.data, batch=0)
        with self.assertRaises(FileNotFoundError):
            checkrob.open("there-is-no-such-model.pt")
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, "progress is 3; it takes"):
            checkrob.score(self.model, self.data, progress=3)
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, "on_row is 3; it takes"):
            checkrob.score(self.model, self.data, on_row=3)
        with checkrob.dataset(images=support.SCENES) as images, self.assertRaisesRegex(ValueError, "pass classes="):
            checkrob.score(self.model, images)


class Folders(unittest.TestCase):
    """What paths mean, whatever they look like and wherever the program is."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        self.folder = Path(folder.name)

    def test_an_empty_out_is_not_the_current_folder(self):
        os.chdir(self.folder)
        for call in (checkrob.score, checkrob.distributed.score):
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, "`out` is empty"):
                call(support.PLANTED / "model.pt", "voc", out="")
        self.assertEqual(os.listdir(self.folder), [])

    def test_out_may_be_bytes(self):
        with checkrob.score(support.model(), support.data(limit=3), out=os.fsencode(self.folder), progress=False):
            self.assertIn("results.sqlite", os.listdir(self.folder))

    def test_the_current_folder_may_change(self):
        os.chdir(support.PLANTED)
        folders = {"images": "scenes/images", "annotations": ["scenes/annotations"], "classes": "classes.csv"}
        model = checkrob.open("model.pt", preprocess="preprocess.json", worker="always")
        data = checkrob.dataset("voc", limit=5, **folders)
        os.chdir(self.folder)
        results = checkrob.score(model, data, out="out", progress=False)
        self.assertEqual((results.totals.failed, results.path), (0, str(self.folder.resolve() / "out/results.sqlite")))
        os.chdir("/")
        os.kill(model.worker, 9)  # another one opens the archive again
        self.assertEqual(model.logits(support.BOOT).shape, (1, 10))
        results._let_go()
        self.assertEqual(len(results.samples), 5)

    def test_paths_that_are_not_utf_8(self):
        folder = self.folder / "\udcff\xe4"
        shutil.copytree(support.SCENES, folder / "im\udcfe", copy_function=os.symlink)
        for name in ("model.pt", "preprocess.json", "classes.csv"):
            shutil.copy(support.PLANTED / name, folder / f"\udcfd{name}")
        model = checkrob.open(folder / "\udcfdmodel.pt", preprocess=folder / "\udcfdpreprocess.json")
        data = support.data(images=folder / "im\udcfe", classes=folder / "\udcfdclasses.csv", limit=5)
        with checkrob.score(model, data, out=folder / "\udcfc", progress=False) as results:
            self.assertEqual(results.totals.failed, 0)
            self.assertIn("im\\xFE", results.option("images"))
            results.report(folder / "\udcfb.html", progress=False)
        self.assertEqual(model.extract(folder / "im\udcfe", limit=2).failures, {})
        with self.assertRaisesRegex(checkrob.BadInputError, "the class map:2: not UTF-8"):
            checkrob.samples([support.BOOT], ["\udcff"])

    def test_a_report_needs_its_folder(self):
        results = checkrob.score(support.model(), support.data(limit=3), progress=False)
        with results, self.assertRaises(FileNotFoundError):
            results.report(self.folder / "nowhere/report.html", progress=False)


if __name__ == "__main__":
    unittest.main()
