# SPDX-License-Identifier: Apache-2.0
"""What notebooks show: tables, overlays, and nothing of the data that a browser would execute."""

from __future__ import annotations

import html.parser
import unittest

import checkrob
import support
from checkrob import display

EVIL = "<script>alert('1')</script>\"&"


class Parser(html.parser.HTMLParser):
    """The tags that are open, and the texts of cells."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.cells = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag != "img":
            self.open.append(tag)
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def parsed(page):
    parser = Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [], parser.open
    return parser


class Display(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.results = checkrob.score(cls.model, support.data(), progress=False)

    def test_the_table_of_classes(self):
        found = parsed(self.results._repr_html_())
        first = self.results.classes[0]
        self.assertEqual(found.tags.count("tr"), 11)
        self.assertEqual(found.cells[0], "checkrob: 200 samples, 10 classes")
        self.assertEqual(found.cells[8:11], [first.class_, "20", f"{100 * first.acc:.0f} %"])
        self.assertEqual(found.cells[13:15], [first.verdict, first.reason])

    def test_many_classes_are_counted(self):
        rows, display.ROWS = display.ROWS, 3
        try:
            found = parsed(self.results._repr_html_())
        finally:
            display.ROWS = rows
        self.assertEqual(found.tags.count("tr"), 5)
        self.assertIn("and 7 more classes", found.cells[-1])

    def test_names_from_data_are_text(self):
        scenes = [(path, EVIL, [8, 8, 56, 56]) for path in sorted(support.SCENES.glob("boot*.png"))]
        results = checkrob.score(self.model, scenes, classes={EVIL: 5}, progress=False)
        found = parsed(results._repr_html_())
        self.assertNotIn("script", found.tags)
        self.assertEqual(found.cells[8], EVIL)
        self.assertNotIn(EVIL, results._repr_html_())

    def test_an_explanation(self):
        explanation = self.model.explain(support.BOOT, 5)
        found = parsed(explanation._repr_html_())
        self.assertEqual(found.tags, ["figure", "img", "figcaption"])
        data = explanation._repr_png_()
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        with checkrob.image(data) as image, explanation.overlay() as expected:
            self.assertEqual(bytes(memoryview(image.pixels)), bytes(memoryview(expected.pixels)))
            self.assertEqual(image._repr_png_(), data)
        self.assertEqual(explanation.image_size, (64, 64))

    def test_an_input_has_no_picture(self):
        tensor = self.model.preprocess(support.BOOT)
        explanation = self.model.explain(tensor, 5)
        self.assertIsNone(explanation._repr_html_())
        self.assertIsNone(explanation._repr_png_())
        with self.assertRaisesRegex(ValueError, "not an image"):
            explanation.image_size  # noqa: B018


if __name__ == "__main__":
    unittest.main()
