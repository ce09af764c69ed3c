# SPDX-License-Identifier: Apache-2.0
"""200,000 calls of C functions with arrays and errors leave memory as it was: Python's (tracemalloc), the process's.

ctest runs this with PYTHONMALLOC=debug, which writes guards around every block of Python's memory.
"""

from __future__ import annotations

import array
import gc
import os
import tracemalloc
import unittest

import checkrob
import support
from checkrob import _library, _options, arrays

CALLS = 200_000
WARM = 20_000


class Counted:
    """The library, which counts calls."""

    def __init__(self, library):
        self.library, self.calls = library, 0

    def __getattr__(self, name):
        self.calls += 1
        return getattr(self.library, name)


def resident():
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def refused(kind, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind:
        return
    raise AssertionError(f"{function} raised nothing")


class Work:
    """A round of calls: arrays in and out, objects made and freed, and errors of several kinds."""

    def __init__(self):
        self.model = support.model()
        self.preprocess = self.model.preprocess
        self.file = support.BOOT.read_bytes()
        self.pixels = array.array("B", range(192)) * 64  # [64, 64, 3]
        self.view = memoryview(self.pixels).cast("B", [64, 64, 3])
        self.small = arrays.zeros((7, 7))
        self.round = 0

    def once(self):
        self.round += 1
        with checkrob.image(self.view) as image:
            assert image.pixels.shape == (64, 64, 3)
            x = self.preprocess(image)
        capsule = x.__dlpack__()
        with arrays.Buffer(x) as buffer:
            assert buffer.address == x.address
        del capsule
        big = arrays.zeros((28, 28))
        _library.call("saliency_upsample", big.address, 28, 28, self.small.address, 7, 7)
        assert _options.number({"batch": 3, "images": ["a", "b"]}, "batch") == 3
        refused(checkrob.InvalidArgumentError, _options.number, {"batch": 0}, "batch")
        refused(checkrob.UnknownOptionError, checkrob.image, self.view, imaje=1)
        refused(checkrob.BadInputError, checkrob.image, self.file[:200])
        refused(checkrob.MissingFileError, checkrob.image, "there-is-no-such-file.png")
        refused(checkrob.InvalidArgumentError, _library.call, "saliency_upsample", None, 0, 0, None, 0, 0)
        if self.round % 10 == 0:
            self.run_the_model()

    def run_the_model(self):
        explanation = self.model.explain(self.view, 9)
        saliency = explanation.map
        del explanation
        assert saliency.shape == (16, 16)
        assert self.model.logits([self.view, self.view]).shape == (2, 10)
        refused(checkrob.InvalidArgumentError, self.model.explain, self.view, 10)


class Memory(unittest.TestCase):
    def test_it_is_flat(self):
        work = Work()
        counted = _library._loaded[0] = Counted(_library.get())
        self.addCleanup(lambda: _library._loaded.__setitem__(0, counted.library))
        tracemalloc.start()
        while counted.calls < WARM:
            work.once()
        gc.collect()
        before, rss = tracemalloc.get_traced_memory()[0], resident()
        while counted.calls < WARM + CALLS:
            work.once()
        gc.collect()
        grown, process = tracemalloc.get_traced_memory()[0] - before, resident() - rss
        tracemalloc.stop()
        print(
            f"{counted.calls - WARM} calls: Python's memory grew by {grown} bytes, the process by {process // 1024} KiB"
        )
        self.assertLess(grown, 16 * 1024)
        # tracemalloc itself, whose memory is the process's, counts: a leak of one array of a round would be 100 MiB.
        self.assertLess(process, 12 << 20)

    def test_tables_and_runs(self):
        model = support.model()
        with support.data(limit=20) as data:
            for number in range(30):
                with checkrob.score(model, data, progress=False) as results:
                    assert len(results.samples) == 20
                if number == 9:
                    gc.collect()
                    rss = resident()
        gc.collect()
        print(f"20 runs: the process grew by {(resident() - rss) // 1024} KiB")
        self.assertLess(resident() - rss, 12 << 20)


if __name__ == "__main__":
    unittest.main()
