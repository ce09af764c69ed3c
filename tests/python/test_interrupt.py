# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, and exceptions of the caller's functions, stop a run; what it computed is stored, and it resumes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import checkrob
import support
from checkrob import _running

PROGRAM = """if True:
    import signal, sys, time
    import support, checkrob
    # As in a shell's foreground: a shell lets programs in the background ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    what, out = sys.argv[1:]
    model, data = support.model(), support.data()
    begun = []
    def progress(done, total):
        if done and not begun:
            begun.append(done)
            print("ready", flush=True)
    try:
        if what == "score":
            checkrob.score(model, data, out=out, progress=progress, method="scorecam", batch=1)
        else:
            model.extract(out, progress=progress)
        print("not interrupted")
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""

# A signal when a job has just ended, 5000 times: each call returns or is interrupted, and the next one works.
ENDS = """if True:
    import queue, random, signal, sys, threading, time
    import support
    from checkrob import _running
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.setswitchinterval(1e-6)
    ended, sent = queue.SimpleQueue(), []
    def interrupt():
        while True:
            ended.get()
            for _ in range(random.randrange(60)):
                pass
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            sent.append(None)
    threading.Thread(target=interrupt, daemon=True).start()
    for _ in range(5000):
        sent.clear()
        try:
            _running.run(lambda: ended.put(None), _running.Calls())
            while True:
                time.sleep(1) # it comes
        except KeyboardInterrupt:
            pass
        while not sent:
            time.sleep(0)
    print("done")
"""


class Signals(unittest.TestCase):
    def run_and_interrupt(self, what, out):
        """The program's output after Ctrl-C, which the whole group of processes gets, and the seconds that it took. The
        program has at least ten seconds of work left: this process may be late.
        """
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, what, out],
            env=support.environment(),
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self.assertEqual(program.stdout.readline(), "ready\n")
        os.killpg(program.pid, signal.SIGINT)
        start = time.monotonic()
        rest = program.stdout.read()
        program.stdout.close()
        program.wait()
        return rest, time.monotonic() - start

    def test_a_run_stops_and_resumes(self):
        with tempfile.TemporaryDirectory() as folder:
            rest, seconds = self.run_and_interrupt("score", folder)
            self.assertEqual(rest, "interrupted\n")
            self.assertLess(seconds, 120)  # about one, on an idle machine
            with checkrob.results(folder) as results:
                self.assertFalse(results.complete)
                stored = results.totals.samples
                self.assertTrue(0 < stored < 200, stored)
            new = []
            options = {"progress": False, "method": "scorecam", "batch": 1}
            with support.model() as model, support.data() as data:
                done = checkrob.score(model, data, out=folder, on_row=new.append, **options)
                self.assertEqual((len(new), len(done.samples), done.complete), (200 - stored, 200, True))

    def test_an_extraction_stops(self):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(20000):
                os.symlink(support.BOOT, Path(folder) / f"{number}.png")
            rest, seconds = self.run_and_interrupt("extract", folder)
            self.assertEqual(rest, "interrupted\n")
            self.assertLess(seconds, 120)

    def test_a_signal_at_the_end_of_a_job(self):
        done = subprocess.run(
            [sys.executable, "-c", ENDS],
            env=support.environment(),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "done\n", ""))

    def test_a_signal_in_this_process(self):
        with support.model() as model, support.data() as data:
            timer = threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT))
            old = signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                with self.assertRaises(KeyboardInterrupt):
                    timer.start()  # here: it may come before the next line
                    checkrob.score(model, data, progress=False, method="scorecam", batch=1)
            finally:
                signal.signal(signal.SIGINT, old)
            self.assertEqual(len(checkrob.score(model, data, progress=False).samples), 200)


def stop_process(number):
    """Returns once all of its threads have stopped."""
    os.kill(number, signal.SIGSTOP)
    tasks = Path(f"/proc/{number}/task")
    while any(") T " not in state_of(task) for task in tasks.iterdir()):
        time.sleep(0.001)


def state_of(task):
    """In /proc; of a thread that has ended since it was listed, as if it had stopped."""
    try:
        return (task / "stat").read_text()
    except OSError:
        return ") T "


class Stopped(unittest.TestCase):
    """A model that hangs: here its worker is stopped, and must be killed. The library may have been at something else
    when it was interrupted; then the test tries again."""

    PROGRAM = """if True:
    import os, signal, sys
    import support, checkrob
    from checkrob import _running
    signal.signal(signal.SIGINT, signal.default_int_handler)
    model, data = support.model(worker="always"), support.data(limit=60)
    begun = []
    def progress(done, total):
        if done and not begun:
            begun.append(done)
            print(model.worker, flush=True)
    def interrupt(job, interrupt=_running.Job.interrupt):
        interrupt(job)
        print("asked", flush=True)
    _running.Job.interrupt = interrupt
    try:
        checkrob.score(model, data, out=sys.argv[1], progress=progress, method="scorecam", batch=1)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if model.worker is not None:
        os.kill(model.worker, signal.SIGCONT)
        sys.exit("missed")
    done = checkrob.score(model, data, out=sys.argv[1], progress=False, method="scorecam", batch=1)
    print(done.complete, len(done.samples), model.restarts)
    """

    def interrupted_twice(self, folder, seconds):
        """The program's output, and its exit code."""
        program = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM, folder],
            env=support.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        stop_process(int(program.stdout.readline()))
        time.sleep(seconds)
        output = ""
        for _ in range(2):
            program.send_signal(signal.SIGINT)
            output += program.stdout.readline()
        return output + program.communicate(timeout=300)[0], program.returncode

    def test_a_second_interrupt_gives_the_batch_up(self):
        for number in range(10):
            with tempfile.TemporaryDirectory() as folder:
                output, code = self.interrupted_twice(folder, 0.1 * 2**number)
            if code == 0:
                break
        self.assertRegex(output, r"\Aasked\nasked\n(asked\n)*True 60 1\n\Z")  # once more if print() was interrupted


class OneImage(unittest.TestCase):
    """A call that runs the model once may be interrupted, too: here its worker is stopped."""

    def interrupt(self, call, seconds):
        """So many seconds after C was called, or before, if the machine is slow."""
        over = threading.Event()

        def wait_and_signal():
            while not _running.Job.RUNNING and not over.is_set():
                time.sleep(0.001)
            if not over.wait(seconds):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        waiting = threading.Thread(target=wait_and_signal)
        try:
            with self.assertRaises(KeyboardInterrupt):
                waiting.start()
                call()
        finally:
            over.set()
            waiting.join()

    def until_the_worker_is_killed(self, model, call):
        for number in range(10):
            call()  # in a new worker, if there is none
            worker, restarts = model.worker, model.restarts
            stop_process(worker)
            self.interrupt(call, 0.05 * 2**number)
            if model.worker is None:
                return
            self.assertEqual((model.worker, model.restarts), (worker, restarts))
            os.kill(worker, signal.SIGCONT)
        self.fail("no worker was killed")

    def test_an_explanation_and_logits(self):
        old = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        with support.model(worker="always") as model:
            expected = model.explain(support.BOOT).map.tolist()
            self.until_the_worker_is_killed(model, lambda: model.explain(support.BOOT, 0))
            self.until_the_worker_is_killed(model, lambda: model.logits([support.BOOT] * 3))
            self.until_the_worker_is_killed(model, lambda: model.extract([support.BOOT]))
            self.assertEqual((model.explain(support.BOOT).map.tolist(), model.restarts), (expected, 3))


class Tables(unittest.TestCase):
    """Python runs a handler when a function of its own begins, also one that C calls: a callback of ctypes, which drops
    exceptions."""

    def test_a_table_that_is_read(self):
        with support.model() as model, support.data() as data:
            results = checkrob.score(model, data, progress=False)
        old = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        reads = (
            lambda: results.table("sample", ["image"]),
            lambda: results.each(lambda row: None, columns=["image"]),
            lambda: checkrob.compare(results, results),
        )
        for number in range(60):
            interrupted = threading.Event()

            def interrupt(interrupted=interrupted):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                interrupted.set()

            timer = threading.Timer(0.002 + 0.0001 * number, interrupt)
            with self.assertRaises(KeyboardInterrupt):
                timer.start()
                while not interrupted.is_set():
                    reads[number % 3]()
                time.sleep(1)
                self.fail("the interrupt is lost")
        self.assertEqual(len(results.table("sample", ["image"])), 200)

    def test_a_callback_may_use_the_results_and_stop(self):
        with support.model() as model, support.data() as data:
            results = checkrob.score(model, data, progress=False)
        seen = []

        def stop(row):
            self.assertIs(threading.current_thread(), threading.main_thread())
            seen.append((row.image, results.option("method"), len(results.table("class", ["class"]))))
            if len(seen) == 150:
                sys.exit(3)

        with self.assertRaises(SystemExit):
            results.each(stop)
        self.assertEqual(seen, [(name, "gradcam++", 10) for name in results.samples.column("image")[:150]])


class StopError(Exception):
    pass


class Callbacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model, cls.data = support.model(), support.data()

    def raise_stop(self, *_):
        raise StopError("of the caller's")

    def test_progress(self):
        calls = []
        checkrob.score(self.model, self.data, progress=lambda done, total: calls.append((done, total)))
        self.assertEqual(calls[-1], (200, 200))
        self.assertEqual(calls, sorted(set(calls)))
        with self.assertRaisesRegex(StopError, "of the caller's"):
            checkrob.score(self.model, self.data, progress=self.raise_stop)
        with self.assertRaisesRegex(StopError, "of the caller's"):
            self.model.extract(self.data, progress=self.raise_stop)

    def test_rows(self):
        names = []
        results = checkrob.score(self.model, self.data, progress=False, on_row=lambda row: names.append(row.image))
        self.assertEqual(names, results.samples.column("image"))
        with tempfile.TemporaryDirectory() as folder:

            def stop(row):
                if row.image == "boot_005.png":
                    self.raise_stop()

            with self.assertRaisesRegex(StopError, "of the caller's"):
                checkrob.score(self.model, self.data, out=folder, progress=False, on_row=stop)
            with checkrob.results(folder) as partial:
                self.assertFalse(partial.complete)
                self.assertIn("boot_005.png", partial.samples.column("image"))

    def test_a_bar(self):
        from checkrob._running import Bar

        bar = Bar(True, "score")
        if support.has("tqdm"):
            bar.show(3, 10)
            self.assertEqual((bar._bar.n, bar._bar.total), (3, 10))
        else:
            with self.assertRaisesRegex(checkrob.MissingPackageError, "pip install tqdm"):
                bar.show(3, 10)
        bar.close()
        quiet = Bar(None, "score")  # no terminal here, or no tqdm: nothing is shown, and nothing fails
        quiet.show(3, 10)
        quiet.close()


if __name__ == "__main__":
    unittest.main()
