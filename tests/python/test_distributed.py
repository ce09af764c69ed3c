# SPDX-License-Identifier: Apache-2.0
"""checkrob.distributed: shards on a cluster of two worker processes, of which one is killed in the run."""

from __future__ import annotations

import math
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import checkrob
import support
from checkrob import _library, _shard, errors

if not support.has("distributed"):
    print("skipped: there is no package distributed")
    sys.exit(77)

import dask
import distributed as dask_distributed

import checkrob.distributed

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from stored import stored_rows

OPTIONS = {
    "images": support.SCENES,
    "annotations": support.ANNOTATIONS,
    "classes": support.CLASSES,
    "preprocess": support.PLANTED / "preprocess.json",
}
SLOW = {"method": "scorecam", "batch": 4}  # a shard takes seconds, so that it can be killed on its way
MODEL = support.PLANTED / "model.pt"
# A shard begins a batch of its own, and libtorch rounds sums of other batches otherwise: docs/scaling.md.
ROUNDING = 1e-5


def sessions(out, shard):
    """Samples that each session of a shard computed."""
    with sqlite3.connect(f"file:{out}/shards/{shard}/results.sqlite?mode=ro", uri=True) as store:
        return [row[0] for row in store.execute("SELECT samples FROM session ORDER BY id")]


def rows(out, shard):
    return stored_rows(f"{out}/shards/{shard}/results.sqlite")


class TooLateError(Exception):
    pass


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        patient = {"connect": "600s", "tcp": "600s"}
        dask.config.set({"distributed.worker.daemon": False, "distributed.comm.timeouts": patient})
        cls.cluster = dask_distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50)  # fmt: skip
        cls.client = dask_distributed.Client(cls.cluster)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.cluster.close()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name) / "results"

    def score(self, **options):
        given = {"client": self.client, "out": self.out, "progress": False, **OPTIONS, **options}
        return checkrob.distributed.score(MODEL, "voc", **given)

    def kill_a_busy_worker(self, processes):
        """Kills a worker whose shard has some of its 50 rows: the shard and its rows, or None if all are done. A
        process that is stopped computes no other row meanwhile.
        """
        while processing := self.client.processing():
            for worker, keys in processing.items():
                for shard in (int(key.rpartition("-")[2]) for key in keys):
                    if not 0 < rows(self.out, shard) < 40:
                        continue
                    os.kill(processes[worker], signal.SIGSTOP)
                    stored = rows(self.out, shard)
                    if stored < 45:
                        os.kill(processes[worker], signal.SIGKILL)
                        return shard, stored
                    os.kill(processes[worker], signal.SIGCONT)
            if not any(processing.values()):
                return None
            time.sleep(0.01)
        return None

    def assert_same_classes(self, found, expected):
        """The class tables, but for rounding."""
        self.assertEqual([row.class_ for row in found.classes], [row.class_ for row in expected.classes])
        for one, other in zip(found.classes, expected.classes):
            for name in one:
                if isinstance(one[name], float) and isinstance(other[name], float) and not math.isnan(other[name]):
                    self.assertAlmostEqual(one[name], other[name], delta=ROUNDING * max(1, abs(other[name])), msg=name)
                else:
                    self.assertEqual(repr(one[name]), repr(other[name]), name)

    def test_a_killed_worker_costs_nothing(self):
        killed, processes = [], self.client.run(os.getpid)

        def kill(done, total):
            if done == 1 and not killed:
                found = self.kill_a_busy_worker(processes)
                if found is None:
                    raise TooLateError
                killed.append(found)
                self.cluster.scale(3)  # and another one joins

        for _ in range(5):  # this process may be late on a busy machine
            try:
                found = self.score(shards=4, progress=kill, **SLOW)
                break
            except TooLateError:
                shutil.rmtree(self.out)
        with found:
            self.assertTrue(found.complete)
            self.assertEqual(found.totals.samples, 200)
            with checkrob.score(MODEL, "voc", progress=False, **OPTIONS, **SLOW) as whole:
                self.assert_same_classes(found, whole)
        ((shard, stored),) = killed
        computed = sessions(self.out, shard)
        self.assertEqual(len(computed), 2, f"shard {shard} was killed with {stored} of its rows")
        self.assertLessEqual(computed[-1], 50 - stored, "it resumed")
        self.assertTrue((self.out / "summary.json").exists())

    def test_ctrl_c_keeps_what_is_done(self):
        def interrupt(done, total):
            if done == 1:
                raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            self.score(shards=8, progress=interrupt, **SLOW)
        finished = [s for s in range(1, 9) if (self.out / f"shards/{s}/summary.json").exists()]
        # Two, if this process is not late.
        self.assertIn(len(finished), range(1, 8), "those that had been started, and no other")
        with self.score(**SLOW) as found:
            self.assertTrue(found.complete)
        for shard in finished:
            self.assertEqual(sessions(self.out, shard)[1:], [0], "computed once more")
        self.assertEqual(list((self.out / "shards").glob("stop-*")), [])

    def test_other_options_end_the_run(self):
        self.score(shards=2).close()
        with self.assertRaisesRegex(
            checkrob.OtherOptionsError,
            rf"shards/\d/results.sqlite has results of other options: method was.*, or remove {self.out}$",
        ):
            self.score(method="gradcam")
        with self.assertRaisesRegex(checkrob.OtherOptionsError, "results of 2 shards, not 3"):
            self.score(shards=3)

    def test_an_error_of_a_shard_is_tried_again(self):
        with self.assertRaisesRegex(
            checkrob.distributed.ShardError,
            r"3 of 3 shards failed \(tried 2 times\): 1, 2, 3; the first one: .*nowhere/photos; check the path; "
            "the same call",
        ):
            self.score(shards=3, retries=1, images="/nowhere/photos")

    def test_a_missing_model_is_not_tried_again(self):
        with self.assertRaisesRegex(checkrob.MissingFileError, "/nowhere/model.pt: no such model file"):
            checkrob.distributed.score("/nowhere/model.pt", "voc", client=mock.Mock(), out=self.out, **OPTIONS)

    def test_two_shards_of_one_process(self):
        with (
            dask_distributed.LocalCluster(
                n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
            ) as one,
            dask_distributed.Client(one) as client,
            checkrob.Preprocess(support.PLANTED / "preprocess.json") as preprocess,
            self.score(client=client, shards=3, preprocess=preprocess) as found,
        ):
            self.assertEqual((found.totals.samples, found.complete), (200, True))

    @unittest.skipUnless(support.has("torch"), "needs torch")
    def test_a_module_is_exported_once(self):
        import torch

        def score():
            return checkrob.distributed.score(
                torch.jit.load(str(MODEL)), "voc", client=self.client, out=self.out, shards=2, progress=False, **OPTIONS
            )

        with score() as found:
            self.assertEqual(len(found.classes), 10)
        written = (self.out / "model.pt").read_bytes()
        with score() as found:
            self.assertTrue(found.complete)
        self.assertEqual((self.out / "model.pt").read_bytes(), written)

    def test_classes_and_relative_paths_travel(self):
        names = checkrob.ClassMap(support.CLASSES).names
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(support.PLANTED)
        paths = {"images": "scenes/images", "annotations": Path("scenes/annotations"), "preprocess": "preprocess.json"}
        with checkrob.distributed.score(
            "model.pt", "voc", client=self.client, out=self.out, shards=2, progress=False, classes=names, **paths
        ) as found:
            self.assertEqual(len(found.classes), 10)


class Refused(unittest.TestCase):
    def test_what_cannot_travel(self):
        with tempfile.TemporaryDirectory() as folder:
            for options, message in (
                ({"dataset": None}, "the workers cannot open this dataset"),
                ({"dataset": "voc", "shard": "1/2"}, "leave it out"),
                ({"dataset": "voc", "batchh": 1}, "did you mean 'batch'"),
                ({"dataset": "voc", "batch": 0}, "batch"),
                (
                    {"dataset": "voc", "model": object()},
                    "the model is a object: pass the path of an archive, a Model or",
                ),
                ({"dataset": []}, "the workers cannot open this dataset"),
            ):
                given = {"model": MODEL, **OPTIONS, **options}
                with self.subTest(message), self.assertRaisesRegex(errors.CheckrobError, message):
                    checkrob.distributed.score(
                        given.pop("model"), given.pop("dataset"), out=folder, client=mock.Mock(), **given
                    )


class OnAWorker(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_shard_has_one_worker(self):
        with (
            _shard._locked(self.folder, ""),
            mock.patch.multiple(_shard, LOCK_SECONDS=0.1, POLL_SECONDS=0.05),
            self.assertRaisesRegex(checkrob.InputOutputError, "is in use"),
            _shard._locked(self.folder, ""),
        ):
            self.fail("two have it")
        with _shard._locked(self.folder, ""):
            pass

    def test_the_file_stops_it(self):
        stop = os.path.join(self.folder, "stop-1")
        watch = _shard.Watch(stop)
        watch(1, 2)
        Path(stop).touch()
        with self.assertRaises(_shard.StoppedError):
            _shard.Watch(stop)(1, 2)
        Path(self.folder, _shard.PLAN).touch()
        self.assertTrue(_shard.score_shard({}, 1, 1, self.folder, stop, 0).stopped)

    def test_a_folder_that_is_not_shared(self):
        with self.assertRaisesRegex(
            checkrob.InputOutputError, "does not see .*: `out` must be in a folder that all machines share"
        ):
            _shard.score_shard({}, 1, 1, self.folder, "", 1)

    def test_shards_share_the_cores_that_the_library_counts(self):
        """The library knows the CPU quota of the cgroup, and Python does not."""
        Path(self.folder, _shard.PLAN).touch()
        with (
            mock.patch.object(_library.get(), "checkrob_model_cores", lambda: 7),
            mock.patch.object(_shard, "_inputs", side_effect=_shard.StoppedError) as inputs,
        ):
            _shard.score_shard({}, 1, 1, self.folder, "", 2)
        self.assertEqual(inputs.call_args.args[0]["threads"], 3)


if __name__ == "__main__":
    unittest.main()
