#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers that die, with the command and the real libtorch: what is lost is what the model crashes on, and nothing else.

usage: worker.py COMMAND PLANTED-FOLDER CRASH-FOLDER [IMAGES]

IMAGES (default 2000): in the run whose worker is killed at random times. CRASH-FOLDER has abort.pt, hang.pt and
libcrash_op.so.
"""

import csv
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from stored import stored_rows

MARKED = 100  # the image that the model crashes on


def children(process):
    """The processes that the threads of this one started."""
    found = []
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += [int(number) for number in file.read().split()]
        except OSError:
            pass
    return found


def killer(process, out, batch, stop, killed):
    """Kills each of its workers at a random time: one of three soon after its birth, but never two of those in a row, and
    the others when they have computed: when more rows are stored than the last worker can have left, a dozen batches."""
    chance = random.Random(18)
    was_early = True
    known = set()
    while not stop.wait(0.005):
        for worker in set(children(process)) - known:
            known.add(worker)
            was_early = not was_early and chance.random() < 1 / 3
            if was_early and stop.wait(chance.uniform(0, 0.5)):
                return
            enough = stored_rows(f"{out}/results.sqlite") + batch * chance.randint(13, 30)
            while not was_early and stored_rows(f"{out}/results.sqlite") < enough:
                if stop.wait(0.005):
                    return
            try:
                os.kill(worker, chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
                killed.append(worker)
            except OSError:
                pass


def score(command, folder, options, environment=None, batch=None):
    """`batch`: its workers are killed; so many images are in a batch."""
    out = os.path.join(folder, f"out{len(os.listdir(folder))}")
    process = subprocess.Popen(
        [command, "score", *options, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(environment or {})},
    )
    stop, killed = threading.Event(), []
    thread = threading.Thread(target=killer, args=(process.pid, out, batch, stop, killed))
    if batch:
        thread.start()
    printed, messages = process.communicate()
    stop.set()
    if batch:
        thread.join()
    assert process.returncode == 0, f"exit code {process.returncode}\n{printed}{messages}"
    return out, printed + messages, len(killed)


def rows(out, name):
    with open(os.path.join(out, name), encoding="utf-8") as file:
        return list(csv.DictReader(file))


def planted_copies(planted, folder, count):
    """`count` scenes, as links to the 200 there are, with their annotations."""
    for kind, ending in (("images", ".png"), ("annotations", ".xml")):
        os.mkdir(os.path.join(folder, kind))
        names = sorted(os.listdir(os.path.join(planted, "scenes", kind)))
        for i in range(count):
            name = names[i % len(names)]
            assert name.endswith(ending) or kind == "images", name
            new = f"{name.rsplit('.', 1)[0]}_{i:05d}.{name.rsplit('.', 1)[1]}"
            os.symlink(os.path.join(planted, "scenes", kind, name), os.path.join(folder, kind, new))
    return [
        "--model", f"{planted}/model.pt", "--preprocess", f"{planted}/preprocess.json", "--classes", f"{planted}/classes.csv",
        "--dataset", "voc", "--images", f"{folder}/images", "--annotations", f"{folder}/annotations",
    ]  # fmt: skip


def check_kills(command, planted, count):
    with tempfile.TemporaryDirectory() as folder:
        options = planted_copies(os.path.realpath(planted), folder, count)
        quiet, _, _ = score(command, folder, [*options, "--worker", "always", "--batch", "16"])
        for _ in range(5):  # a killer that the machine stops may come too late
            start = time.monotonic()
            disturbed, printed, killed = score(command, folder, [*options, "--worker", "always", "--batch", "4"], batch=4)
            seconds = time.monotonic() - start
            if killed and "worker process" in printed:
                break
        assert killed > 0, "no worker was killed"
        # The batch may change the last bit of a number; three digits of CSV's six stay.
        for name in ("images.csv", "classes.csv"):
            compare(rows(quiet, name), rows(disturbed, name), name)
        assert "worker process" in printed, printed[-2000:]
        same, _, killed_again = score(command, folder, [*options, "--worker", "always", "--batch", "16"], batch=16)
        for name in ("images.csv", "classes.csv"):
            with open(f"{quiet}/{name}", "rb") as one, open(f"{same}/{name}", "rb") as other:
                assert one.read() == other.read(), f"{name} differs after {killed_again} kills"
        print(f"{count} images, {killed} kills in {seconds:.1f} s, {killed_again} with the same batches: the tables are equal")


def compare(one, other, name):
    assert len(one) == len(other) > 0
    for a, b in zip(one, other):
        for column in a:
            try:
                difference = abs(float(a[column]) - float(b[column]))
            except ValueError:
                assert a[column] == b[column], f"{name}, {column}: {a[column]} and {b[column]}"
                continue
            assert difference <= 1e-3 * max(1.0, abs(float(a[column]))), f"{name}, {column}: {a[column]} and {b[column]}"


def marked_images(folder, count):
    """Gray images, one of which is white in its first pixel; a manifest, a class map, a preprocessing, a worker."""
    lines = ["image,class,x1,y1,x2,y2"]
    for i in range(count):
        image = Image.new("RGB", (32, 32), (i % 200, 90, 120))
        image.putpixel((0, 0), (255 if i == MARKED - 1 else 10, 10, 10))
        image.save(os.path.join(folder, f"i{i:04d}.png"))
        lines.append(f"i{i:04d}.png,{'even' if i % 2 == 0 else 'odd'},4,4,20,20")
    texts = {
        "manifest.csv": "\n".join(lines) + "\n",
        "classes.csv": "name,index\neven,0\nodd,1\n",
        "preprocess.json": '{"resize": 32}\n',
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return [
        "--dataset", "manifest", "--images", folder, "--annotations", f"{folder}/manifest.csv", "--classes",
        f"{folder}/classes.csv", "--preprocess", f"{folder}/preprocess.json", "--method", "gradcam", "--layer", "(input)",
    ]  # fmt: skip


def check_crash(command, crash, name, expected, extra):
    """Exactly the marked image fails, with a message that says why."""
    worker = os.path.join(os.path.dirname(command), "..", "lib", "checkrob", "checkrob-worker")
    with tempfile.TemporaryDirectory() as folder:
        options = [*marked_images(folder, 2 * MARKED), "--model", f"{crash}/{name}.pt", "--worker", "always", *extra]
        script = os.path.join(folder, "worker")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nLD_PRELOAD="{crash}/libcrash_op.so" exec "{os.path.realpath(worker)}"\n')
        os.chmod(script, 0o755)
        with tempfile.TemporaryDirectory() as results:
            out, printed, _ = score(command, results, options, {"CHECKROB_WORKER": script})
            found = rows(out, "images.csv")
        failed = [row for row in found if row["status"] not in ("ok", "empty_map")]
        assert len(found) == 2 * MARKED and [row["image"] for row in failed] == [f"i{MARKED - 1:04d}.png"], printed[-2000:]
        assert expected in failed[0]["message"], failed[0]
        print(f"{name}: {failed[0]['image']}: {failed[0]['message']}")


def main(command, planted, crash, images=2000):
    crash = os.path.realpath(crash)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # libtorch's takes a disk and a while
    check_crash(command, crash, "abort", "was killed by signal 6 (Aborted)", [])
    check_crash(command, crash, "abort", "was killed by signal 6 (Aborted)", ["--threads", "4", "--batch", "8"])
    check_crash(command, crash, "hang", "did not answer in time", ["--worker-timeout", "8"])  # seconds, in which a busy machine computes the others
    check_kills(command, planted, int(images))


if __name__ == "__main__":
    main(*sys.argv[1:])
