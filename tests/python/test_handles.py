# SPDX-License-Identifier: Apache-2.0
"""Handles are freed once, after everything that needs them, in whatever order objects go."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import unittest

import checkrob
import support
from checkrob import _library
from checkrob._handle import Handle, Idle


class Frees:
    """Counts the calls of the library's functions _free, instead of the library."""

    def __init__(self):
        self.freed = []
        self.library = _library.get()

    def __getattr__(self, name):
        kind = name.removeprefix("checkrob_").removesuffix("_free") if name.endswith("_free") else None
        return (self.freed.append) if kind else getattr(self.library, name)

    def __enter__(self):
        _library._loaded[0] = self
        return self

    def __exit__(self, *_):
        _library._loaded[0] = self.library


class Handles(unittest.TestCase):
    def test_children_are_freed_before_parents(self):
        with Frees() as frees:
            parent = Handle(1, "model")
            child = Handle(2, "cut", (parent,))
            parent.close()
            self.assertEqual(frees.freed, [])
            child.close()
            self.assertEqual(frees.freed, [2, 1])
            child.close()
            parent.close()
            self.assertEqual(frees.freed, [2, 1])

    def test_a_call_holds(self):
        with Frees() as frees:
            handle = Handle(1, "model")
            with handle as pointer:
                handle.close()
                self.assertEqual((pointer, frees.freed), (1, []))
            self.assertEqual(frees.freed, [1])
            with self.assertRaisesRegex(checkrob.ClosedError, "this model is closed"):
                handle.hold()

    def test_threads_that_close_and_hold_free_once(self):
        for _ in range(200):
            with Frees() as frees:
                handle = Handle(1, "model")
                start = threading.Barrier(4)

                def use(handle=handle, start=start, frees=frees):
                    start.wait()
                    for _ in range(20):
                        try:
                            with handle:
                                assert not frees.freed
                        except checkrob.ClosedError:
                            return

                def close(handle=handle, start=start):
                    start.wait()
                    handle.close()

                threads = [threading.Thread(target=target) for target in (use, use, close, close)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(frees.freed, [1])

    def test_what_nobody_has_is_freed(self):
        model = support.model()
        model.explain(support.BOOT, 9)
        handle = model._handle
        explainers = [explainer for _, explainer in model._idle._kept]
        del model
        gc.collect()
        self.assertTrue(handle.closed and all(explainer.closed for explainer in explainers))
        self.assertEqual((handle._pointers, [e._pointers for e in explainers]), ([], [[]]))

    def test_a_handle_without_an_owner_is_freed(self):
        results = checkrob.score(support.model(), support.data(limit=3), progress=False)
        with Frees() as frees:
            for _ in range(3):
                with self.assertRaises(checkrob.CheckrobError):
                    results.gate("non-robust", "no such condition")
            self.assertEqual(len(frees.freed), 3)

    def test_a_cycle_is_freed(self):
        model = support.model()
        explanation = model.explain(support.BOOT, 9)
        model.explanation, explanation.model = explanation, model
        handles = model._handle, explanation._handle
        del model, explanation
        gc.collect()
        self.assertEqual([handle._pointers for handle in handles], [[], []])


class Copies(unittest.TestCase):
    def test_nothing_with_a_handle_is_copied(self):
        model, data = support.model(), support.data()
        objects = [model, data, data.classes, checkrob.image(support.BOOT), model.preprocess]
        objects += [model.explain(support.BOOT, 9), checkrob.score(model, support.data(limit=3), progress=False)]
        for thing in objects:
            for copied in copy.copy, copy.deepcopy, pickle.dumps:
                with self.assertRaisesRegex(TypeError, "cannot be copied or pickled"):
                    copied(thing)

    def test_rows_and_tables_are(self):
        results = checkrob.score(support.model(), support.data(limit=3), progress=False)
        for table in results.classes, results.samples:
            read = pickle.loads(pickle.dumps(table))
            self.assertEqual(list(map(repr, read)), list(map(repr, table)))
            self.assertEqual(repr(pickle.loads(pickle.dumps(table[0]))), repr(table[0]))


class IdleHandles(unittest.TestCase):
    def test_the_least_recently_used_goes_first(self):
        idle, handles = Idle(2), [Handle(number, "cut") for number in (1, 2, 3)]
        with Frees() as frees:
            for key, handle in zip("aba", handles):
                idle.give(key, handle)
            self.assertEqual((frees.freed, len(idle)), ([1], 2))
            self.assertIs(idle.take("a"), handles[2])
            self.assertIsNone(idle.take("a"))
            idle.close()
            idle.give("a", handles[2])
            self.assertEqual((frees.freed, len(idle)), ([1, 2, 3], 0))

    def test_a_model_keeps_few(self):
        model = support.model()
        for seed in range(40):
            model.explain(support.BOOT, 9, seed=seed)
        self.assertLessEqual(len(model._idle), 16)


class Closed(unittest.TestCase):
    def test_every_object_says_that_it_is_closed(self):
        model, data, image = support.model(), support.data(), checkrob.image(support.BOOT)
        explanation, preprocess = model.explain(image, 9), checkrob.Preprocess("imagenet")
        for owner in model, data, image, explanation, preprocess:
            with owner:
                self.assertFalse(owner.closed)
            self.assertTrue(owner.closed)
            owner.close()
        for call, name in (
            (model.layers, "model"),
            (lambda: model.explain(support.BOOT, 9), "model"),
            (lambda: model.logits(support.BOOT), "model"),
            (lambda: model.extract(support.SCENES), "model"),
            (lambda: len(data), "dataset"),
            (lambda: checkrob.score(support.model(), data), "dataset"),
            (lambda: image.pixels, "image"),
            (lambda: explanation.map, "explanation"),
            (lambda: preprocess(support.BOOT), "preprocess"),
        ):
            with self.assertRaisesRegex(checkrob.ClosedError, f"this {name} is closed"):
                call()

    def test_a_run_keeps_what_it_needs(self):
        model, data = support.model(), support.data()

        def close(done, total):
            model.close()
            data.close()

        results = checkrob.score(model, data, progress=close)
        self.assertEqual((len(results.samples), model.closed, model._handle._pointers), (200, True, []))


class Forks(unittest.TestCase):
    @unittest.skipUnless(hasattr(os, "fork") and support.has("torch"), "there is no fork, or no torch")
    def test_a_child_of_a_process_with_torch_computes(self):
        """libtorch waits in the child for the computing threads of the parent, which it does not have."""
        program = """if True:
        import os, signal
        import torch
        import support, checkrob
        checkrob.score(support.model(threads=2), support.data(), progress=False)
        child = os.fork()
        if child == 0:
            signal.alarm(120)
            print(checkrob.score(support.model(threads=2), support.data(limit=20), progress=False).totals.evaluated)
        else:
            assert os.waitpid(child, 0)[1] == 0
        """
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=support.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.stdout, done.returncode), ("20\n", 0), done.stderr)

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_objects_belong_to_their_process(self):
        code = """if True:
            import os, support, checkrob
            data, model = support.data(), support.model()
            image = checkrob.image(support.BOOT)
            results = checkrob.score(support.model(), support.data(limit=3), progress=False)
            child = os.fork()
            if child == 0:
                try:
                    len(data)
                except checkrob.ClosedError as problem:
                    assert "make it after the fork" in str(problem), problem
                    try:
                        model.logits(support.BOOT)
                        os._exit(3)
                    except checkrob.ClosedError as problem:
                        assert "this model belongs" in str(problem), problem
                    data.close()
                    results.close()
                    del image
                    new = support.data()
                    os._exit(7 if len(new) == 200 else 1)
                os._exit(2)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(code, len(data), image.pixels.shape, len(results.samples))
        """
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=support.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.stdout, done.stderr), ("7 200 (64, 64, 3) 3\n", ""))


if __name__ == "__main__":
    unittest.main()
