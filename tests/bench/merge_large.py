#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Merging at scale: the time and memory of `checkrob merge`, by rows and by shards.

usage: merge_large.py CHECKROB FOLDER [ROWS [SHARDS [CLASSES]]]     (default: 1000000 rows, 10000 shards, 1000 classes)

Scores some scenes of examples/planted, and makes shards of a larger run from the file: the same tables and options,
but rows with random numbers and maps of 7 x 7, as the last layer of a ResNet has. Merges them as

  few    all rows in ten shards                    -> seconds of a row
  many   a tenth of the rows in all the shards     -> seconds of a shard
  mixed  as `few`, but each shard has samples of all classes, and the shards are named out of order

and each with a half of the rows, or of the shards: what is linear takes half as long. Checks that every row arrives,
and that the merged file is complete. Prints a line for each merge and what follows for 100 million rows.
"""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy

PLANTED = Path(__file__).resolve().parents[2] / "examples" / "planted"
SIDE = 7
OF_THE_SHARD = "UPDATE option SET value = ? WHERE name = ?"


def template(checkrob, folder):
    """The results file of a small run, without its rows."""
    out = folder / "template"
    subprocess.run(
        [
            checkrob,
            "score",
            "--model",
            PLANTED / "model.pt",
            "--preprocess",
            PLANTED / "preprocess.json",
            "--dataset",
            "voc",
            "--images",
            PLANTED / "scenes/images",
            "--annotations",
            PLANTED / "scenes/annotations",
            "--classes",
            PLANTED / "classes.csv",
            "--shard",
            "1/20",
            "--out",
            out,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    path = out / "results.sqlite"
    with sqlite3.connect(path) as store:
        for table in ("evidence", "sample", "looked_at", "class", "class_map"):
            store.execute(f'DELETE FROM "{table}"')
    store.execute("PRAGMA journal_mode = DELETE")
    store.execute("VACUUM")
    store.close()
    return path


def numbers(rng, count):
    """Maps, regions, and what follows from them."""
    maps = rng.random((count, SIDE * SIDE), dtype=numpy.float32)
    regions = (rng.random((count, SIDE * SIDE)) < 0.3).astype(numpy.float32)
    regions[:, 0] = 1
    return maps, regions, (maps * regions).sum(1) / maps.sum(1), regions.mean(1)


def rows_of(rng, first, classes):
    maps, regions, scores, shares = numbers(rng, len(classes))
    for i, index in enumerate(classes):
        seen = rng.random() < 0.8
        sample = (
            first + i,
            0,
            f"images/n{index:08d}/n{index:08d}_{first + i}.JPEG",
            f"n{index:08d}",
            int(index),
            "ok",
            2.5,
            float(scores[i]),
            float(shares[i]),
            float(rng.normal(9, 2)),
            float(rng.random()),
            1 if seen else 2,
            int(index) if seen else 0,
            float(rng.normal(1, 2)),
            0,
        )
        yield sample, (SIDE, maps[i].tobytes(), regions[i].tobytes())


INSERT_SAMPLE = (
    'INSERT INTO sample (input, part, image, class, "index", status, milliseconds, rs, region_share, logit,'
    " probability, rank, predicted, contrast, empty_map) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def make_shard(path, source, rng, first, classes, class_count, whole):
    """classes: those of the shard's samples."""
    shutil.copyfile(source, path)
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA synchronous = OFF")
        for name, value in ("first_input", first), ("input_count", len(classes)), ("whole_input_count", whole):
            store.execute(OF_THE_SHARD, (str(value), name))
        store.executemany(
            'INSERT INTO class_map ("index", name) VALUES (?, ?)', [(c, f"n{c:08d}") for c in range(class_count)]
        )
        for sample, evidence in rows_of(rng, first, classes):
            added = store.execute(INSERT_SAMPLE, sample).lastrowid
            store.execute("INSERT INTO evidence (sample, height, map, region) VALUES (?, ?, ?, ?)", (added, *evidence))
    store.close()


def make_shards(folder, source, rows, shards, class_count, mixed):
    folder.mkdir()
    rng, paths, done = numpy.random.default_rng(1), [], 0
    for i in range(shards):
        count = rows * (i + 1) // shards - rows * i // shards
        inputs = numpy.arange(done, done + count)
        classes = inputs % class_count if mixed else inputs * class_count // rows
        paths.append(folder / f"{i + 1}.sqlite")
        make_shard(paths[-1], source, rng, done, classes, class_count, rows)
        done += count
    if mixed:
        random.Random(1).shuffle(paths)
    return paths


def peak(process):
    """The largest resident MiB so far; 0 if the process is gone. wait4() would count Python's own, before exec."""
    try:
        with open(f"/proc/{process.pid}/status") as file:
            return max([int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM")], default=0)
    except OSError:
        return 0


def run(command, allowed=(0,)):
    """Seconds, seconds of the processor, and the largest resident MiB of a child process."""
    begun, mebibytes = time.time(), 0
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if len(allowed) > 1 else None,
    )
    while True:
        mebibytes = max(mebibytes, peak(process))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(status) in allowed, f"{command[:2]}: exit status {status}"
    return time.time() - begun, usage.ru_utime + usage.ru_stime, mebibytes


def merge(checkrob, name, folder, paths, rows):
    out, listed = folder / "merged.sqlite", folder / "shards.txt"
    out.unlink(missing_ok=True)
    listed.write_text("".join(f"{path}\n" for path in paths))
    seconds, busy, mebibytes = run([checkrob, "merge", "--from", listed, "--out", out])
    with sqlite3.connect(out) as store:
        found = store.execute("SELECT count(*), count(DISTINCT input) FROM sample").fetchone()
        outcome = store.execute("SELECT outcome FROM session").fetchall()
    store.close()
    assert found == (rows, rows), f"{found} rows, not {rows}"
    assert outcome == [("complete",)], outcome
    size = out.stat().st_size
    print(
        f"{name:6} {len(paths):6} shards {rows:9} rows: {seconds:7.1f} s ({busy:.1f} s of a core),"
        f" {mebibytes:6.1f} MiB of memory, {size / rows:6.0f} bytes a row",
        flush=True,
    )
    out.unlink()
    return busy, mebibytes


def measure(checkrob, name, folder, source, sizes, class_count):
    """sizes: (rows, shards) of each merge. Returns the seconds of a core and the memory of each."""
    found = []
    for rows, shards in sizes:
        shards_folder = folder / name
        paths = make_shards(shards_folder, source, rows, shards, class_count, name == "mixed")
        found.append(merge(checkrob, name, folder, paths, rows))
        shutil.rmtree(shards_folder)
    return found


def main(checkrob, folder, rows=1000000, shards=10000, class_count=1000):
    rows, shards, class_count, folder = int(rows), int(shards), int(class_count), Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    print(f"at most {soft} open files; {class_count} classes")
    source = template(checkrob, folder)
    few = measure(checkrob, "few", folder, source, [(rows // 2, 10), (rows, 10)], class_count)
    mixed = measure(checkrob, "mixed", folder, source, [(rows // 2, 10), (rows, 10)], class_count)
    many = measure(checkrob, "many", folder, source, [(rows // 10, shards // 2), (rows // 10, shards)], class_count)
    of_row = (few[1][0] - few[0][0]) / (rows - rows // 2)
    of_shard = (many[1][0] - many[0][0]) / (shards - shards // 2)
    print(
        f"{of_row * 1e6:.1f} us a row ({(mixed[1][0] - mixed[0][0]) / (rows - rows // 2) * 1e6:.1f} us mixed),"
        f" {of_shard * 1e3:.2f} ms a shard"
    )
    print(f"100 million rows in 10000 shards: {(1e8 * of_row + 1e4 * of_shard) / 3600:.1f} hours")
    print(
        f"twice the rows: {few[1][0] / few[0][0]:.2f} times the seconds ({mixed[1][0] / mixed[0][0]:.2f} mixed);"
        f" twice the shards: {many[1][0] / many[0][0]:.2f} times"
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
