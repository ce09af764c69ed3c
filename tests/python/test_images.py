# SPDX-License-Identifier: Apache-2.0
"""One image, however the caller has it, gives the same pixels, and the same input of the model."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import checkrob
import support


def pixels(source, **options):
    with checkrob.image(source, **options) as image:
        return bytes(memoryview(image.pixels).cast("B"))


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = pixels(support.BOOT)
        cls.image = checkrob.image(support.BOOT)

    def test_files(self):
        self.assertEqual((self.image.width, self.image.height, len(self.expected)), (64, 64, 3 * 64 * 64))
        self.assertEqual(pixels(str(support.BOOT)), self.expected)
        self.assertEqual(pixels(support.BOOT.read_bytes()), self.expected)
        self.assertIs(checkrob.image(self.image), self.image)

    def test_an_array_of_its_pixels(self):
        self.assertEqual(pixels(self.image.pixels), self.expected)

    def test_saved_and_resized(self):
        with tempfile.TemporaryDirectory() as folder:
            self.image.save(Path(folder) / "copy.png")
            self.assertEqual(pixels(Path(folder) / "copy.png"), self.expected)
        self.assertEqual(self.image.resize(32, 16).pixels.shape, (16, 32, 3))
        with self.assertRaisesRegex(ValueError, "lanczos"):
            self.image.resize(32, 16, "lanczos")

    @unittest.skipUnless(support.has("PIL"), "Pillow is not there")
    def test_pillow(self):
        from PIL import Image

        opened = Image.open(support.BOOT)
        self.assertEqual(pixels(opened), self.expected)
        self.assertEqual(pixels(opened.convert("RGBA")), self.expected)
        gray = opened.convert("L")
        self.assertEqual(pixels(gray), gray.convert("RGB").tobytes())
        self.assertEqual(self.image.to_pil().tobytes(), self.expected)

    @unittest.skipUnless(support.has("numpy"), "NumPy is not there")
    def test_numpy(self):
        import numpy as np

        x = np.frombuffer(self.expected, np.uint8).reshape(64, 64, 3)
        self.assertEqual(pixels(x), self.expected)
        self.assertEqual(pixels(x.transpose(2, 0, 1)), self.expected)
        self.assertEqual(pixels(np.dstack([x, x[:, :, :1]])), self.expected)
        self.assertEqual(pixels(x[:, ::-1]), np.ascontiguousarray(x[:, ::-1]).tobytes())
        gray = x[:10, :20, 0]
        self.assertEqual(pixels(gray), np.repeat(gray[:, :, None], 3, 2).tobytes())
        self.assertEqual(pixels(gray[None]), pixels(gray))
        self.assertEqual(checkrob.image(gray).pixels.shape, (10, 20, 3))

    @unittest.skipUnless(support.has("torch"), "torch is not there")
    def test_torch(self):
        import torch

        x = torch.frombuffer(bytearray(self.expected), dtype=torch.uint8).reshape(64, 64, 3)
        self.assertEqual(pixels(x), self.expected)
        self.assertEqual(pixels(x.permute(2, 0, 1)), self.expected)
        self.assertEqual(pixels(x.permute(2, 0, 1).contiguous()), self.expected)

    @unittest.skipUnless(support.has("numpy"), "NumPy is not there")
    @unittest.skipUnless(support.has("torch"), "there is no torch")
    def test_tensors_without_memory(self):
        import torch

        for tensor, words in (
            (torch.zeros(3, 4, 4, device="meta"), "this Tensor has no memory that can be shared"),
            (torch.zeros(3, 4, 4).to_sparse(), "this Tensor has no memory that can be shared"),
            (torch.zeros(3, 4, 4).bfloat16(), "these are bfloat16"),
        ):
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, words):
                checkrob.image(tensor)

    def test_bytes_that_can_change(self):
        self.assertEqual(checkrob.image(bytearray(support.BOOT.read_bytes())).width, 64)

    def test_an_open_file(self):
        """It is an iterable of lines, and each would be the bytes of an image."""
        model = support.model()
        with open(support.BOOT, "rb") as file:
            for call in (checkrob.image, model.logits, model.explain, model.extract):
                with self.assertRaisesRegex(checkrob.InvalidArgumentError, "an open file, not an image"):
                    call(file)

    def test_what_is_no_image(self):
        import numpy as np

        for source, words in (
            (np.zeros((4, 4, 3)), "float64"),
            (np.zeros((4, 4, 3), np.float32), "float32"),
            (np.zeros((2, 4, 4, 3), np.uint8), r"\[2, 4, 4, 3\]"),
            (np.zeros((5, 5, 2), np.uint8), r"\[5, 5, 2\]"),
            (np.zeros((4, 4, 3), np.float16), "these are float16"),
            (np.zeros((4, 4, 3), ">f4"), "float32 in big-endian order"),
            (np.zeros((4, 4, 3), "c16"), "complex128"),
            (np.zeros((4, 4, 3), object), "objects"),
            (memoryview(support.BOOT.read_bytes()), "the content of a file as bytes"),
            (3, "type int"),
        ):
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, words):
                checkrob.image(source)
        # A view of one number: nobody has the memory for a copy.
        with self.assertRaisesRegex(checkrob.OutOfMemoryError, r"a copy of \[1099511627776, 1048576, 3\]"):
            checkrob.image(np.broadcast_to(np.uint8(3), (2**40, 2**20, 3)))
        with self.assertRaises(checkrob.BadInputError):
            checkrob.image(support.BOOT.read_bytes()[:300])
        with self.assertRaises(FileNotFoundError):
            checkrob.image("there-is-no-such-image.png")
        with self.assertRaises(checkrob.LimitError):
            checkrob.image(support.BOOT, image_max_pixels=1000)


class Inputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.preprocess = cls.model.preprocess

    def test_every_source_has_the_same_logits(self):
        expected = self.model.logits(support.BOOT).tolist()
        x = self.preprocess(support.BOOT)
        self.assertEqual(x.shape, (3, 64, 64))
        for source in checkrob.image(support.BOOT), support.BOOT.read_bytes(), x, [x]:
            self.assertEqual(self.model.logits(source).tolist(), expected)

    @unittest.skipUnless(support.has("numpy"), "NumPy is not there")
    def test_batches_of_inputs(self):
        import numpy as np

        files = [support.SCENES / f"{name}_000.png" for name in ("boot", "coat", "bag")]
        expected = self.model.logits(files)
        x = np.stack([np.asarray(self.preprocess(file)) for file in files])
        self.assertEqual(self.model.logits(x).tolist(), expected.tolist())
        self.assertEqual(self.model.logits(list(x)).tolist(), expected.tolist())
        self.assertEqual(self.model.logits(np.asfortranarray(x)).tolist(), expected.tolist())
        with self.assertRaisesRegex(
            checkrob.InvalidArgumentError, r"float32 \[3, 64, 64\] here, but this one is \[3, 32, 64\]"
        ):
            self.model.logits([x[0], x[0, :, :32]])
        with self.assertRaisesRegex(checkrob.InvalidArgumentError, r"this one is \[1, 64, 64\]"):
            self.model.logits(x[0, :1])

    def test_a_preprocessing_is_a_name_a_file_or_a_dictionary(self):
        given = {"resize": 32, "crop": [16, 24], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
        made = checkrob.Preprocess(given)
        self.assertEqual((made.height, made.width), (16, 24))
        self.assertEqual(made(support.BOOT).shape, (3, 16, 24))
        self.assertEqual(checkrob.Preprocess("imagenet").width, 224)
        with self.assertRaisesRegex(checkrob.BadInputError, "corp"):
            checkrob.Preprocess({"corp": 3})


class Arguments(unittest.TestCase):
    """ctypes would drop the bits of a number that do not fit, and what follows a NUL character."""

    def test_numbers(self):
        image, model = checkrob.image(support.BOOT), support.model()
        explanation = model.explain(image, 9)
        for call in (
            lambda: image.resize(-1, 8), lambda: image.resize(2**64 + 8, 8), lambda: image.resize(8, 2**33),
            lambda: model.explain(image, 2**64 + 3), lambda: model.explain(image, -1),
            lambda: explanation.upsampled(2**64 + 8, 8), lambda: explanation.upsampled(0, 8),
            lambda: explanation.overlay(longest_side=-1), lambda: explanation.overlay(longest_side=2**64 + 8),
            lambda: support.data().classes.name(2**64 + 1),
        ):  # fmt: skip
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, "must be from"):
                call()

    def test_texts(self):
        image, model = checkrob.image(support.BOOT), support.model()
        results = checkrob.score(model, support.data(limit=3), progress=False)
        with tempfile.TemporaryDirectory() as folder:
            cut = str(Path(folder) / "cut.png")
            for call in (
                lambda: checkrob.image(f"{support.BOOT}\0.png"), lambda: image.save(f"{cut}\0.png"),
                lambda: model.explain(image, 9, layer="features\0x"), lambda: model.extract([image], "features\0x"),
                lambda: results.report(f"{cut}\0.html"), lambda: results.export("classes.csv", f"{cut}\0.csv"),
                lambda: results.gate("non-robust\0x"), lambda: results.option("method\0x"),
            ):  # fmt: skip
                with self.assertRaisesRegex(checkrob.InvalidArgumentError, "NUL character"):
                    call()
            self.assertEqual(list(Path(folder).iterdir()), [])
        # Half of a pair of surrogates is no character and no byte.
        for call in (
            lambda: checkrob.image("\ud800.png"), lambda: model.explain(image, 9, layer="\ud800"),
            lambda: results.option("\ud800"), lambda: checkrob.samples([], ["\ud800"]),
        ):  # fmt: skip
            with self.assertRaisesRegex(checkrob.InvalidArgumentError, r"'\\ud800', which utf-8 cannot express"):
                call()


if __name__ == "__main__":
    unittest.main()
