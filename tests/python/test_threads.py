# SPDX-License-Identifier: Apache-2.0
"""Threads of Python: one model serves eight of them, with the results of one; and other threads run while C works."""

from __future__ import annotations

import threading
import time
import unittest

import checkrob
import support
from checkrob import _running

THREADS = 8


def on_threads(function, count=THREADS):
    """Calls a function with 0 to count - 1, each on a thread of its own; their results."""
    results, problems = [None] * count, []

    def call(number):
        try:
            results[number] = function(number)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return results


class Threads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = support.model()
        cls.files = sorted(support.SCENES.glob("*_00[0-3].png"))

    def explained(self, _=0):
        found = []
        for file in self.files:
            explanation = self.model.explain(file, 9)
            found.append((explanation.map.tolist(), explanation.logits.tolist()))
        return found

    def test_explanations(self):
        alone = self.explained()
        for found in on_threads(self.explained):
            self.assertEqual(found, alone)
        self.assertLessEqual(len(self.model._idle), 8)

    def test_logits_and_representations(self):
        alone = self.model.logits(self.files).tolist(), self.model.extract(self.files, pool="mean").array.tolist()

        def compute(_):
            return self.model.logits(self.files).tolist(), self.model.extract(self.files, pool="mean").array.tolist()

        for found in on_threads(compute):
            self.assertEqual(found, alone)

    def test_runs(self):
        with support.data() as data:
            alone = list(map(repr, checkrob.score(self.model, data, progress=False).classes))
            for classes in on_threads(
                lambda _: list(map(repr, checkrob.score(self.model, data, progress=False).classes)), 3
            ):
                self.assertEqual(classes, alone)

    def test_helper_threads_serve_again_and_stay_few(self):
        for _ in range(5):
            barrier, jobs = threading.Barrier(9, timeout=300), []
            for _ in range(8):
                jobs.append(_running.Job(barrier.wait))
                _running.Helper.start(jobs[-1])
            barrier.wait()
            for job in jobs:
                self.assertTrue(job.finished.wait(300))
        self.assertLess(len(_running.Helper.IDLE), _running.KEPT + 8)

    def test_tables_of_one_results_object(self):
        with support.data() as data, checkrob.score(self.model, data, progress=False) as results:
            alone = results.samples.column("rs")
            for column in on_threads(lambda _: results.table("sample", ["rs"]).column("rs")):
                self.assertEqual(column, alone)

    def test_python_runs_while_c_works(self):
        ticks, stop = [], threading.Event()

        def tick():
            while not stop.is_set():
                ticks.append(time.monotonic())
                time.sleep(0.001)

        thread = threading.Thread(target=tick)
        # Long enough that no scheduler lets the other thread wait for almost all of it.
        with support.data(limit=100) as data:
            thread.start()
            start = time.monotonic()
            checkrob.score(self.model, data, progress=False, method="scorecam")
            end = time.monotonic()
            stop.set()
            thread.join()
        during = [t for t in ticks if start < t < end]
        longest = max(b - a for a, b in zip([start, *during], [*during, end]))
        self.assertGreater(end - start, 0.2)
        self.assertLess(longest, (end - start) * 0.8, "no other thread ran meanwhile")


if __name__ == "__main__":
    unittest.main()
