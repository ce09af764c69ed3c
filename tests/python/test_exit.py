# SPDX-License-Identifier: Apache-2.0
"""Python exits while threads are in the library, and while arrays of other packages share its memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest

import checkrob
import support

SCORES = """if True:
    import sys, threading, time
    import support, checkrob
    model, data = support.model(worker=sys.argv[1]), support.data()
    begun = threading.Event()
    arguments = {"out": sys.argv[2], "method": "scorecam", "batch": 1}
    def score():
        try:
            checkrob.score(model, data, progress=lambda done, _: done and begun.set(), **arguments)
        except checkrob.InterruptedRunError:
            pass
    threading.Thread(target=score, daemon=True).start()
    begun.wait()
    time.sleep(0.2)
"""
EXPLAINS = """if True:
    import threading, time
    import support, checkrob
    model, begun = support.model(worker="never"), threading.Event()
    def explain():
        try:
            while True:
                model.explain(support.BOOT, 9, method="scorecam")
                begun.set()
        except (checkrob.InterruptedRunError, checkrob.ClosedError):
            pass
    threads = [threading.Thread(target=explain, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    begun.wait()
"""
READS = """if True:
    import threading
    import support, checkrob
    results = checkrob.score(support.model(), support.data(limit=3), progress=False)
    begun = threading.Event()
    def wait(row):
        begun.set()
        threading.Event().wait()
    threading.Thread(target=lambda: results.each(wait), daemon=True).start()
    begun.wait()
"""
SHARES = """if True:
    import sys
    import numpy
    import support, checkrob
    array = support.model().explain(support.BOOT, 9).map
    # The modules of this program and of checkrob are gone before sys is.
    sys.shared = numpy.from_dlpack(array) if sys.argv[1] == "numpy" else array
"""


def run(program, *arguments):
    """The exit code, and what the program wrote."""
    command = [sys.executable, "-X", "faulthandler", "-c", program, *arguments]
    done = subprocess.run(command, env=support.environment(), capture_output=True, text=True, check=False, timeout=900)
    return done.returncode, done.stdout, done.stderr


class Exits(unittest.TestCase):
    def test_a_run_on_a_daemon_thread_stops_and_is_stored(self):
        for worker in "never", "always":
            with tempfile.TemporaryDirectory() as folder:
                self.assertEqual(run(SCORES, worker, folder), (0, "", ""))
                with checkrob.results(folder) as results:
                    self.assertFalse(results.complete)
                    self.assertGreater(results.totals.samples, 0)

    def test_a_model_that_computes_in_this_process_comes_to_an_end(self):
        self.assertEqual(run(EXPLAINS), (0, "", ""))

    def test_a_thread_that_reads_rows_does_not_delay_the_exit(self):
        self.assertEqual(run(READS), (0, "", ""))

    @unittest.skipUnless(support.has("numpy"), "needs NumPy")
    def test_arrays_that_outlive_the_package(self):
        for kind in "numpy", "own":
            self.assertEqual(run(SHARES, kind), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
