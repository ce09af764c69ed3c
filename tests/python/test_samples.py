# SPDX-License-Identifier: Apache-2.0
"""samples(): datasets from Python give what the same data in files give."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

import checkrob
import support

if not (support.has("numpy") and support.has("PIL")):
    print("skipped: there is no NumPy or Pillow")
    sys.exit(77)

import numpy as np
from PIL import Image

COUNT = 30
QUIET = {"progress": False}


def scene(path):
    """(image's path, name of the class, box) of a planted scene; VOC's boxes have their last pixel inside."""
    found = ElementTree.parse(support.ANNOTATIONS / (path.stem + ".xml")).find("object")
    x1, y1, x2, y2 = (float(found.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax"))
    return path, found.findtext("name"), (x1 - 1, y1 - 1, x2, y2)


class MapStyle:
    """As torch.utils.data.Dataset: a length and numbers."""

    classes = tuple(checkrob.ClassMap(support.CLASSES).names)

    def __init__(self, make, paths):
        self.items, self.make = [scene(path) for path in paths], make

    def __len__(self):
        return len(self.items)

    def __getitem__(self, number):
        return self.make(*self.items[number])


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def mask(box, size=(64, 64)):
    made = np.zeros(size, bool)
    x1, y1, x2, y2 = (int(v) for v in box)
    made[y1:y2, x1:x2] = True
    return made


class Samples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.paths = sorted(support.SCENES.glob("*.png"))[:: 200 // COUNT]
        rows = checkrob.score(cls.model, support.data(), **QUIET).samples
        cls.expected = {row.image: (row.class_, row.rs) for row in rows}

    def score(self, source, **options):
        return checkrob.score(self.model, source, **QUIET, **options)

    def agrees(self, source, **options):
        """The scores of the same images in another run, whose batches round sums otherwise."""
        results = self.score(source, **options)
        self.assertEqual(len(results.samples), len(self.paths))
        for row, path in zip(results.samples, self.paths):
            self.assertEqual(row.status, "ok", row.message)
            name, rs = self.expected[path.name]
            self.assertEqual(row.class_, name)
            self.assertAlmostEqual(row.rs, rs, places=4)
        return results

    def messages(self, source, **options):
        return [row.message for row in self.score(source, **{"classes": MapStyle.classes, **options}).samples]

    def test_paths_names_and_boxes(self):
        results = self.agrees(MapStyle(lambda path, name, box: (path, name, box), self.paths))
        self.assertEqual(results.samples[0].image, str(self.paths[0]))

    def test_every_kind_of_image(self):
        for convert in (
            pixels,
            Image.open,
            lambda path: path.read_bytes(),
            str,
            lambda path: "file://" + str(path),
            lambda path: pixels(path).transpose(2, 0, 1),
            lambda path: pixels(path).astype(np.float32) / 255,
            checkrob.image,
            lambda path: lambda: Image.open(path),
        ):
            with self.subTest(convert=convert):
                data = MapStyle(lambda path, name, box, c=convert: (c(path), name, [box]), self.paths)
                results = self.agrees(data)
        self.assertEqual(results.samples[3].image, "input 3")

    def test_every_kind_of_label_and_region(self):
        index = MapStyle.classes.index
        for make in (
            lambda path, name, box: (path, index(name), np.array(box)),
            lambda path, name, box: (path, np.int64(index(name)), mask(box)),
            lambda path, name, box: (path, [name], mask(box)[None]),
            lambda path, name, box: (path, name, mask(box)[..., None]),
            lambda path, name, box: (path, name, Image.fromarray(mask(box).astype(np.uint8) * 255)),
            lambda path, name, box: (path, {"labels": [index(name)], "boxes": [box]}),
            lambda path, name, box: (
                path,
                {"labels": np.array([index(name)]), "masks": mask(box)[None], "boxes": [[0, 0, 1, 1]]},
            ),
            lambda path, name, box: {"image": path, "label": name, "box": box},
            lambda path, name, box: checkrob.Sample(path, [checkrob.Object(name, box=box)]),
            lambda path, name, box: checkrob.Sample(
                path, [checkrob.Object(index(name), box=[v / 64 for v in box])], relative=True
            ),
            lambda path, name, box: checkrob.Sample(
                path, [checkrob.Object(name, polygon=[box[:2], (box[2], box[1]), box[2:], (box[0], box[3])])]
            ),
        ):
            with self.subTest(item=make(*scene(self.paths[0]))):
                self.agrees(MapStyle(make, self.paths))

    def test_torch_tensors(self):
        if not support.has("torch"):
            self.skipTest("no torch")
        import torch

        def make(path, name, box):
            image = torch.from_numpy(pixels(path).transpose(2, 0, 1).astype(np.float32) / 255)
            return image, {"boxes": torch.tensor([box]), "labels": torch.tensor([MapStyle.classes.index(name)])}

        paths = self.paths

        class Data(torch.utils.data.Dataset):
            classes = MapStyle.classes

            def __getitem__(self, number):
                return make(*scene(paths[number]))

            def __len__(self):
                return len(paths)

        class Stream(torch.utils.data.IterableDataset):
            classes = MapStyle.classes

            def __iter__(self):
                return iter(map(scene, paths))

        self.agrees(Data())
        self.agrees(Stream())
        self.agrees(MapStyle(lambda path, name, box: (path, name, torch.from_numpy(mask(box))), self.paths))
        with self.assertRaisesRegex(ValueError, r"loader\.dataset"):
            self.score(torch.utils.data.DataLoader(Data()), classes=MapStyle.classes)

    def test_sequences_and_iterables(self):
        items = [scene(path) for path in self.paths]
        self.agrees(items, classes=support.CLASSES)
        self.agrees((item for item in items), classes=dict(checkrob.ClassMap(support.CLASSES).names))
        data = checkrob.samples(iter(self.paths), MapStyle.classes, convert=scene)
        self.assertEqual(len(data), len(self.paths))
        self.agrees(data)

    def test_several_objects_and_other_classes(self):
        path, name, box = scene(self.paths[0])
        other = next(n for n in MapStyle.classes if n != name)
        data = [(path, [name, other, "zebra", name], [box, [0, 0, 8, 8], [8, 0, 9, 9], [60, 60, 64, 64]])]
        rows = self.score(data, classes=MapStyle.classes).samples
        self.assertEqual({row.class_ for row in rows}, {name, other})

    def test_one_failure_costs_one_input(self):
        path, name, box = scene(self.paths[0])
        bad = [
            ((path, name, [5, 5, 5, 9]), "box"),
            ((path, name, [40, 30, 20, 25]), r"box \[40, 30, 20, 25\] .*x1, y1, x2, y2, .*not x, y, width, height"),
            ((path, name, [0.25, 0.25, 0.75, 0.5]), "smaller than a pixel; .*relative=True"),
            (checkrob.Sample(path, [checkrob.Object(name, box=[0, 0, 1, 1])]), "smaller than a pixel; .*relative=True"),
            ((np.full((8, 8, 3), 200, np.float32), name, box), "floats from 200 to 200; .*uint8"),
            ((path, 10, box), "the label is 10, but there are 10 names|no class in the class map has the output 10"),
            ((path, 1.5, box), "a label is a name or a number"),
            ((path, [name, name], [box] * 3), "2 labels, but 3 boxes"),
            ((path, name, [1, 2, 3]), "four numbers"),
            ((path, name), f"the object of class '{name}' has no box, polygon or mask"),
            ((Path("missing.png"), name, box), "missing.png"),
            ((None, name, box), "an image is a path, .* not None"),
            ((object(), name, box), "an image is a path, .* of the type object"),
            (("", name, box), "path is empty"),
            ((np.full((8, 8, 3), 2.5, np.float32), name, box), "floats from 2.5 to 2.5; .*normalisation"),
            ((pixels(path), name, np.ones((3, 3), bool)), "mask"),
            ((path, name, box, 1), "4 parts"),
            ({"picture": path}, "its keys are picture"),
            (checkrob.Sample(lambda: 1 / 0, [checkrob.Object(name, box)]), "ZeroDivisionError: division by zero"),
            (checkrob.Sample("nothing://bucket/a.png", [checkrob.Object(name, box=box)]), "nothing"),
        ]
        good = [scene(p) for p in self.paths[:5]]
        rows = self.score([item for item, _ in bad] + good, classes=MapStyle.classes).samples
        for row, (item, message) in zip(rows, bad):
            self.assertNotEqual(row.status, "ok", item)
            self.assertRegex(row.message, message)
        self.assertEqual([row.status for row in rows[len(bad) :]], ["ok"] * 5)

    def test_exceptions_of_the_data(self):
        class MuteError(Exception):
            def __str__(self):
                raise ValueError

        class Data(MapStyle):
            def __getitem__(self, number):
                if number == 1:
                    raise OSError("the disk says\nno \0 more")
                if number == 2:
                    raise KeyError
                if number == 3:
                    raise MuteError
                return super().__getitem__(number)

        rows = self.score(Data(lambda *item: item, self.paths)).samples
        self.assertEqual([row.status for row in rows[:5]], ["ok", "io", "error", "error", "ok"])
        self.assertEqual(rows[1].message, "OSError: the disk says no \\0 more")
        self.assertEqual(rows[2].message, "KeyError")
        self.assertEqual(rows[3].message, "MuteError")

    def test_an_interrupt_stops_the_run_and_it_resumes(self):
        class Data(MapStyle):
            stop = True

            def __getitem__(self, number):
                threads.add(threading.get_ident())
                if number == 20 and self.stop:
                    raise KeyboardInterrupt
                return super().__getitem__(number)

        threads = set()
        data = Data(lambda *item: item, self.paths)
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(KeyboardInterrupt):
                self.score(data, out=folder, batch=4)
            with checkrob.results(folder) as results:
                done = len(results.samples)
            self.assertLessEqual(done, 20)
            data.stop = False
            self.assertEqual(len(self.score(data, out=folder, batch=4).samples), len(self.paths))
        self.assertNotIn(threading.get_ident(), threads)

    def test_ctrl_c_comes_through_a_slow_dataset(self):
        made = []

        def make(*item):
            made.append(item)
            if len(made) == 5:
                os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            return item

        old = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
        self.addCleanup(signal.signal, signal.SIGINT, old)
        with self.assertRaises(KeyboardInterrupt):
            self.score(MapStyle(make, self.paths * 4), batch=2)
        self.assertLess(len(made), 400)  # about 10; of 800 in all

    def test_memory_errors_stop_the_run(self):
        def make(*_):
            raise MemoryError

        with self.assertRaises(MemoryError):
            self.score(MapStyle(make, self.paths))

    def test_images_of_fsspec(self):
        if not support.has("fsspec"):
            self.skipTest("no fsspec")
        import fsspec

        memory = fsspec.filesystem("memory")
        for path in self.paths:
            memory.pipe("/scenes/" + path.name, path.read_bytes())
        results = self.agrees(MapStyle(lambda path, name, box: (f"memory://scenes/{path.name}", name, box), self.paths))
        self.assertEqual(results.samples[0].image, f"memory://scenes/{self.paths[0].name}")
        name = scene(self.paths[0])[1]
        self.assertRegex(self.messages([("memory://scenes/lost.png", name, [0, 0, 9, 9])])[0], "lost.png")

    def test_an_object_store_is_read_ahead(self):
        if not support.has("fsspec"):
            self.skipTest("no fsspec")
        import fsspec
        from fsspec.implementations.memory import MemoryFileSystem

        lock, opened, running, most, several = threading.Lock(), [], [0], [0], threading.Event()

        class Slow(MemoryFileSystem):
            protocol = "slow"
            store, pseudo_dirs = {}, [""]

            @classmethod
            def _strip_protocol(cls, path):
                return "/" + path.rpartition("://")[2].lstrip("/")

            def _open(self, path, *arguments, **options):
                with lock:
                    opened.append(path)
                    running[0] += 1
                    most[0] = max(most[0], running[0])
                if most[0] > 2:
                    several.set()
                several.wait(0.5)
                with lock:
                    running[0] -= 1
                return super()._open(path, *arguments, **options)

        fsspec.register_implementation("slow", Slow, clobber=True)
        for path in self.paths:
            fsspec.filesystem("slow").pipe(path.name, path.read_bytes())
        opened.clear()
        threads = set()

        def make(path, name, box):
            threads.add(threading.current_thread().name)
            return (f"slow://{path.name}", name, box) if path != self.paths[4] else ("slow://lost.png", name, box)

        rows = self.score(MapStyle(make, self.paths)).samples
        self.assertEqual([row.status for row in rows], ["ok"] * 4 + ["not_found"] + ["ok"] * (len(rows) - 5))
        self.assertEqual(rows[4].image, "slow://lost.png")
        self.assertAlmostEqual(rows[7].rs, self.expected[self.paths[7].name][1], places=4)
        self.assertEqual(len(opened), len(self.paths))
        self.assertGreater(most[0], 2)
        self.assertFalse(any(name.startswith("checkrob-fetch") for name in threads))

    def test_representations_need_no_labels(self):
        with checkrob.samples([pixels(path) for path in self.paths]) as data:
            found = self.model.extract(data, "features", pool="mean", **QUIET)
        expected = self.model.extract(self.paths, "features", pool="mean", **QUIET)
        np.testing.assert_allclose(np.asarray(found.array), np.asarray(expected.array), atol=1e-5)
        labelled = MapStyle(lambda path, name, box: (path, name), self.paths)
        with checkrob.samples(labelled, classes=[]) as data:
            found = self.model.extract(data, "features", pool="mean", **QUIET)
        np.testing.assert_allclose(np.asarray(found.array), np.asarray(expected.array), atol=1e-5)

    def test_what_is_no_dataset(self):
        for source, message in ((5, "of the type int"), ({}, "a dictionary"), (support.data(), "already")):
            with self.assertRaisesRegex(ValueError, message):
                checkrob.samples(source, MapStyle.classes)

    def test_an_empty_dataset(self):
        with self.assertWarnsRegex(checkrob.CheckrobWarning, "no sample was evaluated: the dataset is empty"):
            self.assertEqual(len(self.score([], classes=MapStyle.classes).samples), 0)

    def test_what_is_no_class_map(self):
        """A set has no order, so its names would get any outputs; the numbers of bytes would be names."""
        for classes in ({"boot", "coat"}, b"boot", 3):
            with self.assertRaisesRegex(
                checkrob.InvalidArgumentError, f"classes is of the type {type(classes).__name__}"
            ):
                checkrob.samples(self.paths, classes)


if __name__ == "__main__":
    unittest.main()
