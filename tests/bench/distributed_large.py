#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A validation set on a Dask cluster of several processes, which are killed during the run.

usage: distributed_large.py CHECKROB FOLDER [IMAGES [CLASSES [WORKERS [KILLS]]]]   (default: 50000 images in 1000
folders, 3, 10)

Makes the data of survive.py. Scores it with the command, in one process; then with checkrob.distributed.score() on
processes of this machine, of which one at a time is killed and started again by Dask. Both tables have to be the same
but for rounding: shards begin batches of their own. Prints the greatest differences, the shards that were resumed, and
the memory of the driver. Needs the packages distributed, NumPy, Pillow and torch, and the library's file in
CHECKROB_LIBRARY.
"""

import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2] / "python" / "src")]

try:
    import distributed as dask_distributed
except ImportError:
    print("skipped: there is no package distributed")
    sys.exit(77)

import checkrob
import checkrob.distributed
import survive

TABLES = ("images.csv", "classes.csv")
METHOD = "smoothgradcam++"  # 25 copies of each image: the tiny network costs as much as a larger one


def resident():
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1]) / 1024


class Killer:
    """Kills a worker, evenly over the shards that are done, so at moments that are random for the worker."""

    def __init__(self, client, kills):
        self.client, self.kills = client, kills
        self.rng, self.done = random.Random(3), 0

    def __call__(self, done, total):
        if self.done < self.kills and done >= total * (self.done + 1) // (self.kills + 1) > 0:
            time.sleep(self.rng.random() * 0.2)
            # Those that have started: of one that dies before, Dask may say that it can never start.
            pids = self.client.run(os.getpid, on_error="ignore")
            os.kill(self.rng.choice(sorted(pids.values())), signal.SIGKILL)
            self.done += 1


def options(folder):
    return {
        "images": f"{folder}/images",
        "annotations": f"{folder}/annots",
        "classes": f"{folder}/classes.csv",
        "preprocess": f"{folder}/preprocess.json",
        "layer": "2",
        "method": METHOD,
    }


def score_distributed(folder, out, workers, kills):
    """Seconds, kills, and the driver's MiB when the first shard was done and when the last one was."""
    memory = []
    with (
        dask_distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        dask_distributed.Client(cluster) as client,
    ):
        killer = Killer(client, kills)
        begun = time.time()
        results = checkrob.distributed.score(
            f"{folder}/model.pt",
            "imagenet",
            client=client,
            out=out,
            retries=kills,
            **options(folder),
            progress=lambda done, total: (memory.append(resident()), killer(done, total)) if done else None,
        )
        took = time.time() - begun
        with results:
            assert results.complete, "the merged results are not complete"
            for table in TABLES:
                results.export(table, f"{out}/{table}")
    return took, killer.done, memory[0], memory[-1]


def sessions(out):
    """For each shard, the sessions in which it was computed."""
    counts = []
    for path in sorted(Path(out, "shards").glob("*/results.sqlite")):
        with sqlite3.connect(path) as store:
            counts.append(store.execute("SELECT count(*) FROM session").fetchone()[0])
    return counts


def differences(one, other, names):
    """The greatest difference of each column of two class tables."""
    with open(one) as first, open(other) as second:
        pairs = list(zip(csv.DictReader(first), csv.DictReader(second)))
    return {name: max(abs(float(a[name]) - float(b[name])) for a, b in pairs if a[name] and b[name]) for name in names}


def main(checkrob_command, folder, images=50000, classes=1000, workers=3, kills=10):
    images, classes, workers, kills = int(images), int(classes), int(workers), int(kills)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    survive.make_data(folder, images, classes)
    subprocess.run(
        [sys.executable, "-c", f"import survive; survive.make_model({folder + '/model.pt'!r}, {classes})"],
        check=True,
        cwd=Path(__file__).parent,
    )  # torch is not loaded beside checkrob
    survive.write(folder + "/preprocess.json", '{"resize": 32, "crop": 32}')

    whole, out = folder + "/whole", folder + "/distributed"
    begun = time.time()
    assert survive.start(survive.command(checkrob_command, folder, whole, "--method", METHOD)).wait() == 0
    samples = survive.rows_written(whole)
    print(f"one process: {samples} samples in {time.time() - begun:.0f} s", flush=True)
    took, killed, early, late = score_distributed(folder, out, workers, kills)
    counts = sessions(out)
    resumed = sum(count > 1 for count in counts)
    print(
        f"{workers} processes, {killed} killed: {took:.0f} s;"
        f" {resumed} of {len(counts)} shards in more than one session"
    )
    print(f"the driver: {early:.1f} MiB after the first shard, {late:.1f} after the last ({late - early:+.1f})")
    assert killed == kills, f"{killed} workers were killed, not {kills}"
    assert late <= early + 16, "the driver's memory grows"
    for table in TABLES:
        survive.assert_close(out, whole, table)
    found = differences(f"{out}/classes.csv", f"{whole}/classes.csv", ("acc", "crs", "rs0", "ers", "lift", "p"))
    print(
        "the same tables but for rounding; greatest differences of classes:",
        ", ".join(f"{name} {value:.1g}" for name, value in found.items()),
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
