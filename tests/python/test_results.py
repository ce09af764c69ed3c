# SPDX-License-Identifier: Apache-2.0
"""Results: rows, tables, frames of pandas and polars, shards and comparisons."""

from __future__ import annotations

import csv
import math
import os
import tempfile
import unittest
from pathlib import Path

import checkrob
import support
from checkrob import columns


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model, cls.data = support.model(), support.data()
        cls.results = checkrob.score(cls.model, cls.data, progress=False, probe="verdict", features=True, cues=True)

    def test_rows_have_every_declared_column(self):
        sample = self.results.samples[0]
        self.assertEqual(list(sample), list(columns.DECLARED["sample"]))
        for name, column in columns.DECLARED["sample"].items():
            attribute = name + "_" if name == "class" else name
            value = getattr(sample, attribute)
            self.assertIs(value, sample[name])
            if sample.has(name):
                kinds = {
                    "integer": int,
                    "number": float,
                    "text": str,
                    "floats": checkrob.Array,
                    "doubles": checkrob.Array,
                }
                self.assertIsInstance(value, kinds[column.type], name)
        self.assertIn(
            column.description.split(";")[0][1:], type(sample).__dict__[attribute].__doc__.replace("\n       ", "")
        )
        with self.assertRaisesRegex(KeyError, "did you mean 'rs'"):
            sample["rss"]

    def test_a_value_that_is_missing(self):
        plain = checkrob.score(self.model, self.data, progress=False)
        row = plain.classes[0]
        self.assertTrue(math.isnan(row.suspicion))
        self.assertFalse(row.has("suspicion"))
        self.assertTrue(self.results.classes[0].has("suspicion"))

        self.assertEqual(row.to_dict()["class"], row.class_)

    def test_other_tables(self):
        for name in ("looked_at", "feature", "cue", "pasted", "feature_use"):
            table = self.results.table(name)
            self.assertGreater(len(table), 0, name)
            self.assertIsInstance(table[0], columns.CLASSES[name])
        two = self.results.table("sample", ["image", "rs"])
        self.assertEqual(list(two[0]), ["image", "rs"])
        self.assertEqual(two.column("image")[0], "bag_000.png")
        with self.assertRaisesRegex(checkrob.NotFoundError, "no table 'clas'"):
            self.results.table("clas")

    def test_rows_one_by_one(self):
        seen = []
        self.results.each(seen.append, columns=["image", "rs"])
        self.assertEqual([row["rs"] for row in seen], self.results.samples.column("rs"))
        with self.assertRaisesRegex(ZeroDivisionError, "division"):
            self.results.each(lambda row: 1 / 0)

    def test_sequences(self):
        samples = self.results.samples
        self.assertEqual(samples[-1].image, samples[len(samples) - 1].image)
        self.assertEqual([row.image for row in samples[:3]], samples.column("image")[:3])
        with self.assertRaises(IndexError):
            samples[200]
        self.assertEqual(len(list(samples)), 200)

    def test_a_table_that_is_printed(self):
        lines = str(self.results.classes).splitlines()
        self.assertEqual(len(lines), 1 + len(self.results.classes))
        self.assertEqual(lines[0].split(), ["class", "images", "failed", "acc", "crs", "rs0", "verdict"])
        row = self.results.classes[0]
        self.assertRegex(lines[1], rf"^{row.class_} +20 +0 +{row.acc:.3f} +{row.crs:.3f} .* {row.verdict}$")
        lines = str(self.results.samples).splitlines()
        self.assertEqual((len(lines), lines[-1]), (22, "and 180 more rows of 70 columns: to_pandas()"))
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertIn("no rows", str(checkrob.Table("feature", {}, checkrob.Row)))

    def test_a_row_is_not_found_by_name(self):
        with self.assertRaisesRegex(TypeError, r"'boot'.*column\('class'\)"):
            self.results.classes["boot"]
        with self.assertRaisesRegex(AttributeError, "no column 'accuracy'; did you mean 'acc'"):
            _ = self.results.classes[0].accuracy

    def test_exported_files(self):
        with tempfile.TemporaryDirectory() as folder:
            self.results.export("classes.csv", Path(folder) / "c.csv")
            with open(Path(folder) / "c.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([row["class"] for row in rows], self.results.classes.column("class"))
            with self.assertRaises(checkrob.NotFoundError):
                self.results.export("classes.xlsx", Path(folder) / "c.xlsx")

    @unittest.skipUnless(support.has("pandas"), "pandas is not there")
    def test_pandas(self):
        frame = self.results.to_pandas("sample")
        self.assertEqual(frame.shape, (200, len(columns.DECLARED["sample"])))
        self.assertEqual(frame["rs"].tolist(), self.results.samples.column("rs"))
        self.assertEqual(str(frame["rank"].dtype), "int64")
        self.assertAlmostEqual(frame.groupby("class")["rs"].mean()["boot"], self.crs("boot"), places=6)
        self.assertEqual(list(self.results.to_pandas()["class"]), self.results.classes.column("class"))

    @unittest.skipUnless(support.has("polars"), "polars is not there")
    def test_polars(self):
        frame = self.results.to_polars("sample")
        self.assertEqual(frame.shape, (200, len(columns.DECLARED["sample"])))
        self.assertEqual(frame["rs"].to_list(), self.results.samples.column("rs"))
        self.assertEqual(self.results.to_polars()["class"].to_list(), self.results.classes.column("class"))

    def crs(self, name):
        return next(row.crs for row in self.results.classes if row.class_ == name)

    def test_the_report(self):
        with tempfile.TemporaryDirectory() as folder:
            calls = []
            path = Path(folder) / "report.html"
            written = self.results.report(path, pictures=2, progress=lambda *numbers: calls.append(numbers))
            self.assertGreaterEqual(written.pictures, 20)
            self.assertEqual((written.path, written.missing), (str(path), 0))
            self.assertEqual(calls[-1][0], calls[-1][1])
            self.assertIn("<html", path.read_text()[:500])
            preprocess = support.PLANTED / "preprocess.json"
            with checkrob.results(self.results.path) as opened:
                self.assertEqual(opened.report(path).pictures, 0)
                again = opened.report(path, dataset=self.data, preprocess=preprocess, pictures=2)
                self.assertEqual(again.pictures, written.pictures)
            with self.assertRaisesRegex(ZeroDivisionError, "division"):
                self.results.report(written.path, progress=lambda done, total: 1 / 0)

    def test_the_gate(self):
        gate = self.results.gate(["non-robust", "doubtful"], "acc < 0.5", max_failures="1%")
        self.assertTrue(gate.is_closed)
        suspicious = {row.class_ for row in self.results.classes if row.verdict in ("non-robust", "doubtful")}
        self.assertEqual({violation.class_ for violation in gate.violations}, suspicious)
        self.assertTrue(all(violation.is_new and violation.kind == "verdict" for violation in gate.violations))
        self.assertEqual(len(gate.conditions), 4)
        for format in ("json", "junit", "sarif", "github"):
            self.assertIn(gate.violations[0].class_, gate.report(format))
        with checkrob.results(self.results.path) as same:
            self.assertFalse(self.results.gate("non-robust,doubtful", baseline=same).is_closed)
        with self.assertRaisesRegex(checkrob.NotFoundError, "robust_ness"):
            self.results.gate(fail_if="robust_ness < 0")
        with self.assertRaises(checkrob.InvalidArgumentError):
            self.results.gate()

    def test_closed_results(self):
        results = checkrob.score(self.model, self.data, progress=False)
        path = Path(results.path)
        self.assertTrue(path.exists())
        results.close()
        self.assertFalse(path.exists())
        self.assertEqual(len(results.classes), 10)
        with self.assertRaisesRegex(checkrob.ClosedError, "are closed"):
            _ = results.samples
        results.close()


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model, cls.data = support.model(), support.data()
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def score(self, name, **options):
        return checkrob.score(self.model, self.data, out=self.path / name, progress=False, **options)

    def test_wrong_files_to_merge_and_compare(self):
        with tempfile.TemporaryDirectory() as folder:
            for files, message in ((str(self.path), "a list of paths"), ([], "no results to merge")):
                with self.assertRaisesRegex((TypeError, ValueError), message):
                    checkrob.merge(Path(folder, "merged"), files)
            with self.assertRaisesRegex(TypeError, "not Results: pass results.path"):
                checkrob.merge(Path(folder, "merged"), [self.score("one")])
            with self.assertRaisesRegex(FileNotFoundError, "nowhere"):
                checkrob.merge(Path(folder, "merged"), ["nowhere"])
            self.assertEqual(os.listdir(folder), [])
        with self.assertRaisesRegex(TypeError, r"checkrob.results\(path\)"):
            checkrob.compare("before", "after")

    def test_only_verdicts_are_computed_anew(self):
        with self.assertRaisesRegex(ValueError, "method .*stored.*top_k"):
            checkrob.results(self.score("stored").path, method="gradcam")

    def test_shards_merge_to_the_whole(self):
        whole = self.score("whole")
        parts = [self.score(f"part{i}", shard=f"{i}/3") for i in (1, 2, 3)]
        self.assertEqual([len(part.samples) for part in parts], [67, 67, 66])
        merged = checkrob.merge(self.path / "merged", [self.path / f"part{i}" for i in (1, 2, 3)])
        crs = {row.class_: row.crs for row in whole.classes}
        self.assertEqual(merged.totals.samples, 200)
        for row in merged.classes:  # other batches round differently
            self.assertAlmostEqual(row.crs, crs[row.class_], places=4)
        self.assertTrue(merged.complete)
        with self.assertRaises(checkrob.InputOutputError):
            checkrob.merge(self.path / "merged", [self.path / "part1"])

    def test_a_comparison(self):
        before, after = self.score("before"), self.score("after", method="gradcam")
        table = checkrob.compare(before, after)
        self.assertEqual(len(table), 10)
        crs = {row.class_: row.crs for row in before.classes}
        for row in table:
            self.assertAlmostEqual(row.crs_before, crs[row.class_], places=6)

    def test_verdicts_anew(self):
        self.score("verdicts").close()
        with checkrob.results(self.path / "verdicts", verdict_min_images=1000) as results:
            self.assertEqual({row.verdict for row in results.classes}, {"not enough data"})
        with checkrob.results(self.path / "verdicts" / "results.sqlite") as results:
            self.assertIn("doubtful", {row.verdict for row in results.classes})

    def test_what_is_no_results_file(self):
        with self.assertRaises(checkrob.BadInputError):
            checkrob.results(support.BOOT)
        with self.assertRaises(checkrob.MissingFileError):
            checkrob.results(self.path / "nothing")


class Texts(unittest.TestCase):
    def test_equal_ones_are_one_object(self):
        with support.model() as model, support.data() as data:
            names = checkrob.score(model, data, progress=False).samples.column("class")
        self.assertEqual((len(names), len(set(names)), len(set(map(id, names)))), (200, 10, 10))


if __name__ == "__main__":
    unittest.main()
