#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a worker costs: the same run with the model in the command's own process and in a worker, in turn.

usage: worker_cost.py COMMAND ROUNDS OPTION...

The options are those of `checkrob score` without --out and --worker. Prints the images a second of each pair, and the
median of the pairs' ratios. Start and end of the worker are not in the rates: they cost about a second a run. Judges
nothing.
"""

import json
import statistics
import subprocess
import sys
import tempfile


def rate(command, options, worker):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([command, "score", *options, "--worker", worker, "--out", folder, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        with open(folder + "/summary.json", encoding="utf-8") as file:
            return json.load(file)["timing"]["samples_per_second"]


def main(command, rounds, *options):
    ratios = []
    for number in range(int(rounds)):
        pair = ("never", "always") if number % 2 == 0 else ("always", "never")
        rates = {worker: rate(command, options, worker) for worker in pair}
        ratios.append(rates["never"] / rates["always"])
        print(f"{rates['never']:8.2f} {rates['always']:8.2f} images a second: {ratios[-1]:.3f}", flush=True)
    print(f"a worker takes {statistics.median(ratios):.3f} times as long ({min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
