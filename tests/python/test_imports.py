# SPDX-License-Identifier: Apache-2.0
"""torch and checkrob in one process, imported in either order: a forward pass of torch and score() in turn, ten times.

With the Python that runs this test, if it has torch, and with the one that CHECKROB_OTHER_PYTHON names, whose torch is
another build. In both, score() has the results of a process without torch.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest

import checkrob
import support

TURNS = 10
SCRIPT = """
import json, os, sys
first, turns = sys.argv[1], int(sys.argv[2])
if first == "torch":
    import torch
sys.path.insert(0, sys.argv[3])
import checkrob, support

def score():
    with support.model() as model, support.data(limit=20) as data, checkrob.score(model, data, progress=False) as found:
        classes = [[row["class"], row["acc"], row["crs"], row["verdict"]] for row in found.classes]
        return model.worker is not None, classes

before = score() if first == "checkrob" else None
import torch
torch.manual_seed(18)
network = torch.nn.Sequential(
    torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 5))
images = torch.rand(4, 3, 64, 64)
expected = network(images)
turned = []
for _ in range(turns):
    found = network(images)
    found.sum().backward()
    assert torch.allclose(found, expected, atol=1e-5), (found - expected).abs().max()
    turned.append(score())
loaded = checkrob._library.get().checkrob_model_loaded_torch()
print(json.dumps({"before": before, "turned": turned, "loaded": loaded, "torch": torch.__version__}))
"""


def has_torch(python):
    script = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    return subprocess.run([python, "-c", script], check=False).returncode == 0


def run(python, first):
    done = subprocess.run(
        [python, "-X", "faulthandler", "-c", SCRIPT, first, str(TURNS), os.path.dirname(os.path.abspath(__file__))],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{python}, {first} first: exit code {done.returncode}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


class Imports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with support.model(worker="always") as model, support.data(limit=20) as data:
            results = checkrob.score(model, data, progress=False)
            cls.expected = [[row["class"], row["acc"], row["crs"], row["verdict"]] for row in results.classes]

    def check(self, python):
        if not has_torch(python):
            self.skipTest(f"{python} has no torch")
        for first in ("torch", "checkrob"):
            with self.subTest(python=python, first=first):
                found = run(python, first)
                # Another order of threads may change the last bits: a CRS of 20 images has six digits that count.
                scores = [found["before"]] if found["before"] else []
                for _, classes in scores + found["turned"]:
                    self.assertEqual([c[0] for c in classes], [c[0] for c in self.expected])
                    for one, other in zip(classes, self.expected):
                        self.assertEqual((one[1], one[3]), (other[1], other[3]))
                        self.assertAlmostEqual(one[2], other[2], delta=1e-4)
                own = found["loaded"] == 1
                self.assertEqual([worker for worker, _ in found["turned"]], [not own] * TURNS)
                if first == "checkrob":
                    self.assertTrue(found["before"][0], "torch was not loaded yet, and could be any")
                print(f"torch {found['torch']}, {first} first: {'in this process' if own else 'in a worker'}")

    def test_this_python(self):
        self.check(sys.executable)

    def test_other_python(self):
        python = os.environ.get("CHECKROB_OTHER_PYTHON")
        if not python:
            self.skipTest("CHECKROB_OTHER_PYTHON names no Python with another torch")
        self.check(python)


if __name__ == "__main__":
    unittest.main()
