# SPDX-License-Identifier: Apache-2.0
"""Keyword arguments become the library's options, and follow from its declarations."""

from __future__ import annotations

import pydoc
import unittest
from pathlib import Path

import checkrob
from checkrob import _library, _options, options


def in_force(name, value):
    return _options.text({name: value}, name)


class Declared(unittest.TestCase):
    def test_every_option_is_a_keyword_with_a_docstring(self):
        keys = options.Options.__annotations__
        self.assertEqual(set(keys), set(options.DECLARED))
        self.assertEqual(set(keys) - set(options.RunOptions.__annotations__), {"model", "dataset"})
        text = Path(options.__file__).read_text(encoding="utf-8")
        for name, option in options.DECLARED.items():
            self.assertIn(option.help, " ".join(text.split()).replace('" "', ""), name)

    def test_help_lists_the_options(self):
        text = pydoc.plain(pydoc.render_doc(checkrob.Options))
        for name, option in options.DECLARED.items():
            self.assertIn(f"{name}: {option.help}"[:80], text)
        self.assertNotIn("\npool: ", options.ImageOptions.__doc__)

    def test_every_default_is_the_librarys(self):
        for name, option in options.DECLARED.items():
            self.assertEqual(_options.text({}, name), option.default or "", name)
            if option.paper_default is not None:
                self.assertEqual(_options.text({"profile": "paper"}, name), option.paper_default, name)

    def test_every_choice_is_allowed(self):
        for name, option in options.DECLARED.items():
            for choice in option.choices:
                if ":" not in choice:
                    self.assertEqual(in_force(name, choice), choice, name)

    def test_every_range_is_the_librarys(self):
        for name, option in options.DECLARED.items():
            for value, outside in ((option.low, option.low - 1), (option.high, option.high + 1)):
                if abs(value) == float("inf"):
                    continue
                with self.assertRaisesRegex(checkrob.InvalidArgumentError, name):
                    in_force(name, int(outside) if option.type == "integer" else outside)
                if not option.excludes_bounds:
                    self.assertEqual(
                        float(in_force(name, int(value) if option.type == "integer" else value)), value, name
                    )


class Values(unittest.TestCase):
    def test_of_a_wrong_type(self):
        for name, value, takes in (
            ("probe", True, "none, verdict or all"),
            ("device", object(), "cpu, cuda or cuda:N"),
            ("layer", ["a", "b"], "text: layer to explain, or several with commas between"),
            ("batch", [1], "integer: "),
        ):
            with self.assertRaisesRegex(ValueError, f"^{name} is .*; it takes .*{takes}"):
                in_force(name, value)

    def test_of_every_type(self):
        self.assertEqual(in_force("batch", 8), "8")
        self.assertEqual(in_force("batch", 8.0), "8")
        self.assertEqual(in_force("features", True), "true")
        self.assertEqual(in_force("verdict_level", 0.9), "0.9")
        self.assertEqual(in_force("verdict_min_images", 7), "7")
        self.assertEqual(in_force("model", Path("a/b.pt")), "a/b.pt")
        self.assertEqual(in_force("ignore", ["difficult", "crowd"]), "difficult,crowd")
        self.assertEqual(in_force("method", "Grad-CAM++".replace("-", "")), "gradcam++")
        self.assertIn('"resize"', in_force("preprocess", {"resize": 64}))

    def test_lists(self):
        given = {"images": ["a", Path("b")]}
        with _options.made(given) as made, made as pointer:
            library = _library.get()
            self.assertEqual(library.checkrob_options_count(pointer, b"images"), 2)
            self.assertEqual(library.checkrob_options_item(pointer, b"images", 1), b"b")
        self.assertEqual(in_force("images", "a"), "a")

    def test_later_ones_replace_earlier_ones_and_none_unsets(self):
        self.assertEqual(_options.merged({"batch": 1, "seed": 2}, {"batch": None, "seed": 3}), {"seed": 3})

    def test_wrong_ones(self):
        for name, value, error in (
            ("batch", "many", checkrob.InvalidArgumentError),
            ("batch", 2**70, checkrob.InvalidArgumentError),
            ("batch", 1.5, checkrob.InvalidArgumentError),
            ("batch", [1, 2], checkrob.InvalidArgumentError),
            ("method", "gradcamm", checkrob.InvalidArgumentError),
            ("model", 3, checkrob.InvalidArgumentError),
            ("model", "a\0b", checkrob.InvalidArgumentError),
            ("features", "perhaps", checkrob.InvalidArgumentError),
        ):
            with self.assertRaisesRegex(error, name):
                in_force(name, value)

    def test_unknown_names_get_a_hint(self):
        for wrong, right in (
            ("methods", "method"),
            ("top-k", "top_k"),
            ("Batch", "batch"),
            ("verdict_minimum", "verdict_min"),
        ):
            with self.assertRaisesRegex(checkrob.UnknownOptionError, f"did you mean '{right}"):
                _options.merged({wrong: 1})
        with self.assertRaisesRegex(TypeError, r"checkrob\.options\.DECLARED lists"):
            checkrob.open("model.pt", xyzzy=1)


if __name__ == "__main__":
    unittest.main()
