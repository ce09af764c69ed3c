# SPDX-License-Identifier: Apache-2.0
"""How much longer does the demonstration take in Python than in C? Prints the ratio of the medians, and judges nothing.

usage: python_overhead.py BUILD-FOLDER [ROUNDS [WORKER]]

Runs of checkrob.score() and of overhead.c, which does the same in C, on the scenes of examples/planted, in turn: a
process of each, with ten runs of 200 images in it, the first of which does not count. WORKER is never (the default) or
always.
On a busy machine the processors' seconds say more.
"""
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PLANTED = ROOT + "/examples/planted"
RUNS = 10
PROGRAM = """if True:
    import sys, time
    import checkrob
    planted, folder, runs, worker = sys.argv[1:]
    model = checkrob.open(planted + "/model.pt", preprocess=planted + "/preprocess.json", worker=worker)
    data = checkrob.dataset("voc", images=planted + "/scenes/images", annotations=planted + "/scenes/annotations",
                            classes=planted + "/classes.csv")
    for i in range(int(runs)):
        start, used = time.perf_counter(), time.process_time()
        with checkrob.score(model, data, out=f"{folder}/{i}.sqlite", progress=False) as results:
            assert sum(row.crs for row in results.classes) > 0
        print(f"{time.perf_counter() - start:.6f} {time.process_time() - used:.6f}")
"""


def compile_c(folder, library):
    program = folder + "/overhead"
    flags = ["-std=c11", "-O2", "-D_POSIX_C_SOURCE=200809L", "-I" + ROOT + "/include"]
    source = [ROOT + "/tests/bench/overhead.c", "-o", program, "-L" + library, "-lcheckrob"]
    subprocess.run(["gcc", *flags, *source], check=True)
    return [program]


def seconds(command, worker, environment):
    with tempfile.TemporaryDirectory() as folder:
        line = [*command, PLANTED, folder, str(RUNS), worker]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()][1:]


def main(build, rounds="10", worker="never"):
    library = os.path.realpath(build) + "/lib"
    environment = dict(os.environ, LD_LIBRARY_PATH=library, CHECKROB_LIBRARY=library + "/libcheckrob.so",
                       PYTHONPATH=ROOT + "/python/src", OMP_WAIT_POLICY="passive")  # fmt: skip
    times = {"C": [], "Python": []}
    with tempfile.TemporaryDirectory() as folder:
        commands = {"C": compile_c(folder, library), "Python": [sys.executable, "-c", PROGRAM]}
        for number in range(int(rounds)):
            for language in sorted(commands, reverse=number % 2 == 1):
                times[language] += seconds(commands[language], worker, environment)
    for column, name in enumerate(("seconds", "processor seconds")):
        c, python = ([run[column] for run in times[language]] for language in ("C", "Python"))
        for what, choose in (("median", statistics.median), ("fastest", min)):
            ratio = choose(python) / choose(c)
            percent = f"{(ratio - 1) * 100:+.1f} %"
            print(f"{name}, {what} of {len(c)} runs: C {choose(c):.4f}, Python {choose(python):.4f}: {percent}")


if __name__ == "__main__":
    main(*sys.argv[1:])
