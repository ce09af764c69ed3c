# SPDX-License-Identifier: Apache-2.0
"""Models: layers, logits, explanations and representations."""

from __future__ import annotations

import re
import tempfile
import unittest
import warnings
from array import array
from pathlib import Path

import checkrob
import support
from checkrob import arrays


class Model(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()

    def test_layers(self):
        layers = self.model.layers()
        (chosen,) = (layer for layer in layers if layer.is_auto)
        self.assertEqual(
            (chosen.path, chosen.channels, chosen.height, chosen.width, chosen.layout), ("features", 96, 16, 16, "nchw")
        )
        self.assertEqual(chosen.shape, (1, 96, 16, 16))
        self.assertTrue(chosen.usable and chosen.readable)
        self.assertEqual((self.model.class_count, self.model.ending, self.model.input_size), (10, "logits", (64, 64)))

    def test_an_explanation_is_that_of_the_c_example(self):
        explanation = self.model.explain(support.BOOT, 9)
        lines = (support.ROOT / "tests/examples/explain.txt").read_text()
        saliency = explanation.map.tolist()
        brightest = max(
            (value, (row, column)) for row, line in enumerate(saliency) for column, value in enumerate(line)
        )[1]
        self.assertIn(f"layer {explanation.layer}", lines)
        self.assertIn(f"row {brightest[0]}, column {brightest[1]}", lines)
        self.assertAlmostEqual(explanation.logits.tolist()[9], float(lines.split("logit ")[1].split(",")[0]), places=2)
        self.assertEqual((explanation.target, explanation.method), (9, "gradcam++"))

    def test_without_a_target_the_prediction_is_explained(self):
        explanation = self.model.explain(support.BOOT)
        logits = explanation.logits.tolist()
        self.assertEqual(explanation.target, logits.index(max(logits)))

    def test_options_of_an_explanation(self):
        two = self.model.explain(support.BOOT, 9, layer="features.0,features", combine="max")
        self.assertEqual((two.layer, two.map.shape, two.attribution), ("features.0,features", (64, 64), None))
        scorecam = self.model.explain(support.BOOT, 9, method="eigencam")
        self.assertNotEqual(scorecam.map.tolist(), self.model.explain(support.BOOT, 9).map.tolist())
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, "10"):
            self.model.explain(support.BOOT, 10)
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, r"device is an option of checkrob\.open\(\)"):
            self.model.explain(support.BOOT, 9, device="cuda")
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, "explain.* takes one image, not 2"):
            self.model.explain(arrays.zeros((2, 3, 64, 64)), 9)

    def test_options_of_the_model_are_the_defaults(self):
        with support.model(method="gradcam", layer="features.0") as model:
            explanation = model.explain(support.BOOT, 9)
            self.assertEqual((explanation.method, explanation.layer), ("gradcam", "features.0"))
            self.assertEqual(model.explain(support.BOOT, 9, method="layercam").method, "layercam")

    def test_pictures_of_an_explanation(self):
        explanation = self.model.explain(support.BOOT, 9)
        self.assertEqual(explanation.upsampled().shape, (64, 64))
        picture = explanation.overlay(colour_map="viridis", longest_side=64)
        self.assertEqual(max(picture.width, picture.height), 64)
        with self.assertRaisesRegex(checkrob.NotFoundError, "viridis"):
            explanation.overlay(colour_map="jet")
        prepared = self.model.explain(self.model.preprocess(support.BOOT), 9)
        self.assertEqual(prepared.map.tolist(), explanation.map.tolist())
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, "pass the image"):
            prepared.overlay()
        self.assertEqual(
            bytes(memoryview(prepared.overlay(support.BOOT).pixels)), bytes(memoryview(explanation.overlay().pixels))
        )


class Extract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.folder = cls.model.extract(support.SCENES, pool="mean", progress=False)

    def test_a_folder(self):
        self.assertEqual(
            (self.folder.array.shape, len(self.folder.names), list(self.folder)), ((200, 96), 200, ["features"])
        )
        first = (support.ROOT / "tests/examples/extract.txt").read_text().split(":")[1].split(",")[0]
        self.assertAlmostEqual(self.folder.array[0][0], float(first), places=2)

    def test_a_dataset_and_images_from_memory_have_the_same_rows(self):
        with support.data() as data:
            self.assertEqual(self.model.extract(data, pool="mean").array.tolist(), self.folder.array.tolist())
        files = [support.SCENES / name for name in self.folder.names[:20]]
        rows = self.model.extract(files, pool="mean", batch=16)
        self.assertEqual(rows.names, [str(file) for file in files])
        for row, other in zip(rows.array.tolist(), self.folder.array.tolist()):  # of batches of another size
            for one, expected in zip(row, other):
                self.assertAlmostEqual(one, expected, delta=1e-4)
        images = self.model.extract((checkrob.image(file) for file in files[:2]), pool="mean")
        self.assertEqual((images.names, images.array.shape), (["0", "1"], (2, 96)))
        inputs = arrays.zeros((3, 3, 64, 64))
        self.assertEqual(self.model.extract(inputs).array.shape, (3, 96, 16, 16))

    def test_several_layers_and_no_pooling(self):
        both = self.model.extract(support.BOOT, "features.0,auto")
        self.assertEqual([both[layer].shape for layer in both], [(1, 24, 32, 32), (1, 96, 16, 16)])
        highest = self.model.extract(support.BOOT, pool="max").array
        self.assertAlmostEqual(highest[0][5], max(map(max, both["features"].tolist()[0][5])), places=4)

    def test_images_that_fail_are_omitted(self):
        with tempfile.TemporaryDirectory() as folder:
            broken, good = Path(folder) / "a.png", Path(folder) / "b.png"
            broken.write_bytes(support.BOOT.read_bytes()[:200])
            good.write_bytes(support.BOOT.read_bytes())
            for images in (folder, [broken, good]):
                rows = self.model.extract(images, pool="mean")
                self.assertEqual((rows.array.shape, len(rows.names), len(rows.failures)), ((1, 96), 1, 1))
                self.assertRegex(next(iter(rows.failures.values())), "a.png")
            nothing = self.model.extract([broken])
            with self.assertRaisesRegex(checkrob.NotFoundError, "failures says why"):
                _ = nothing.array

    def test_wrong_layers_and_folders(self):
        with self.assertRaisesRegex(checkrob.NotFoundError, "features.99"):
            self.model.extract(support.BOOT, "features.99")
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(checkrob.NotFoundError):
            self.model.extract(folder)
        for missing in "no-such-folder", Path("photos/*.png"):
            with self.assertRaisesRegex(FileNotFoundError, f"there is no {re.escape(str(missing))}"):
                self.model.extract(missing)

    def test_options_of_the_data_are_not_ignored(self):
        rows = self.model.extract(support.SCENES, pool="mean", progress=False, limit=20)
        self.assertEqual(len(rows.names), 20)
        with support.data(limit=20) as data, self.assertRaisesRegex(ValueError, "limit .*checkrob.dataset"):
            self.model.extract(data, limit=10)
        with self.assertRaisesRegex(ValueError, "limit"):
            self.model.extract([support.BOOT, support.BOOT], limit=1)

    def test_what_is_no_image_or_class(self):
        for wrong in 3, None, [support.BOOT], {"image": support.BOOT}:
            with self.assertRaisesRegex(ValueError, "an image is a path, .*, but this is of the type"):
                self.model.explain(wrong)
        for wrong in "boot", 9.5:
            with self.assertRaisesRegex(ValueError, f"target is {wrong!r}, .*output"):
                self.model.explain(support.BOOT, wrong)

    def test_inputs_that_are_not_normalised(self):
        height, width = self.model.input_size
        values = array("f", range(3 * height * width))
        for scale, expected in ((1 / len(values), "from 0 to 1.*uint8"), (255 / len(values), "from 0 to 255.*uint8")):
            pixels = memoryview(array("f", [v * scale for v in values])).cast("B").cast("f", (3, height, width))
            for call in self.model.explain, self.model.logits, self.model.extract:
                with (
                    self.subTest(scale=scale, call=call.__name__),
                    self.assertWarnsRegex(UserWarning, expected) as seen,
                ):
                    call(pixels)
                self.assertEqual(seen.filename, __file__)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.model.logits(self.model.preprocess(support.BOOT))
            with support.model(preprocess={"crop": 64}) as model:  # no normalisation
                model.logits(memoryview(array("f", [0.5] * 12288)).cast("B").cast("f", (3, 64, 64)))


class Lists(unittest.TestCase):
    """Inputs of several sizes and numbers, batch by batch."""

    def test_what_does_not_fit_together(self):
        model = support.model()
        one, large, four = arrays.zeros((3, 64, 64)), arrays.zeros((3, 128, 128)), arrays.zeros((4, 3, 64, 64))
        for images, message in (
            ([one, large], "pass inputs of one size"),
            ([large, one], "pass inputs of one size"),
            ([support.BOOT, four], "1 is an array of 4 inputs in a list"),
            ([four, support.BOOT], "0 is an array of 4 inputs in a list"),
        ):
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, message):
                model.extract(images, batch=1)
        self.assertEqual(model.extract([four], batch=1).names, ["0", "1", "2", "3"])

    def test_what_is_no_list(self):
        for call in (support.model().logits, support.model().extract):
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, "of the type NoneType"):
                call(None)
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, "of the type NoneType"):
                call([support.BOOT, None])

    def test_none(self):
        model = support.model()
        self.assertEqual(model.logits([]).shape, (0, 10))
        self.assertEqual((len(model.extract([])), model.extract([]).names), (0, []))

    def test_an_input_of_the_buffer_protocol_has_no_overlay(self):
        values = memoryview(array("f", bytes(4 * 3 * 64 * 64))).cast("B").cast("f", [3, 64, 64])
        explanation = support.model().explain(values, 9)
        self.assertFalse(explanation.has_image)
        self.assertIsNone(explanation._repr_png_())


if __name__ == "__main__":
    unittest.main()
