# SPDX-License-Identifier: Apache-2.0
"""Runs examples/scale on the scenes of examples/planted: its scripts and its YAML, with a stand-in for sbatch, scontrol
and kubectl. One shard is interrupted, another one is killed, and both are started again. The merged tables have to be
those of a single run. Then a shard is missing, and the merge has to say so.

usage: scale.py BUILD-FOLDER
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCALE, PLANTED = ROOT / "examples" / "scale", ROOT / "examples" / "planted"
IMAGES, SHARDS, STOPPED, KILLED = 100, 4, 2, 3
# Slow, so that a shard can be stopped on its way, and with one image in a batch: shards and the whole run then compute
# the same batches.
SLOW = {"method": "scorecam", "batch": 1, "threads": 1}


def specification(data):
    spec = json.loads((SCALE / "run.json").read_text())
    for name, value in spec.items():
        if isinstance(value, list):
            spec[name] = [path.replace("/data", str(data)) for path in value]
        else:
            spec[name] = value.replace("/data", str(data))
    return {**spec, **SLOW}


def prepare(folder):
    """The folder that all machines share, with the data under the names of run.json."""
    data = folder / "data"
    data.mkdir()
    for name in ("model.pt", "preprocess.json", "classes.csv"):
        shutil.copy(PLANTED / name, data)
    for kind, name in (("images", "photos"), ("annotations", "annotations")):
        (data / name).mkdir()
        for path in sorted((PLANTED / "scenes" / kind).iterdir())[:IMAGES]:
            (data / name / path.name).symlink_to(path)
    (folder / "run.json").write_text(json.dumps(specification(data)))
    programs = folder / "programs"
    programs.mkdir()
    for name in ("sbatch", "scontrol", "kubectl"):
        (programs / name).write_text(
            f'#!/bin/sh\nexec {sys.executable} -c \'import runpy, sys; sys.argv[0] = "{name}";'
            f' sys.path.insert(0, "{Path(__file__).parent}");'
            ' runpy.run_module("stand_in", run_name="__main__")\' "$@"\n'
        )
        (programs / name).chmod(0o755)
    return data


def environment(build, folder, state, **more):
    state.mkdir()
    path = os.pathsep.join([str(folder / "programs"), str(build / "bin"), os.environ["PATH"]])
    return dict(
        os.environ,
        PATH=path,
        STAND_IN=str(state),
        STAND_IN_TERM=str(STOPPED),
        STAND_IN_KILL=str(KILLED),
        SPEC=str(folder / "run.json"),
        SHARDS=str(SHARDS),
        POLL="0",
        **more,
    )


def run(command, variables, expected=0):
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == expected, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def table(path):
    with open(path) as file:
        return [{name: value for name, value in row.items() if name != "milliseconds"} for row in csv.DictReader(file)]


def check_results(results, whole):
    for name in ("classes.csv", "images.csv"):
        assert table(results / name) == table(whole / name), f"{results / name} differs from the single run's"


def check_resumed(log):
    for shard in (STOPPED, KILLED):
        line = next(line for line in log.splitlines() if line.startswith(f"disturbed {shard} "))
        stored = int(line.split()[3])
        assert 0 < stored < IMAGES // SHARDS, line
    assert f"disturbed {STOPPED} " in log and f"rows, exit {4}" in log, log


def slurm(build, folder, whole):
    results = folder / "slurm-results"
    variables = environment(build, folder, folder / "slurm", RESULTS=str(results))
    printed = run([SCALE / "slurm.sh", "--partition=any"], variables)
    log = (folder / "slurm" / "log").read_text()
    assert f"merges them to {results}/results.sqlite" in printed, printed
    assert all(f"requeued {shard}" in log for shard in (STOPPED, KILLED)), log
    check_resumed(log)
    check_results(results, whole)

    shutil.rmtree(results / "shards" / "4")
    said = run(["bash", SCALE / "merge.sh"], variables, 1)
    assert "not complete: 1 of 4 shards: 4" in said, said
    run([SCALE / "slurm.sh"], dict(variables, ONLY="4"))
    check_results(results, whole)
    print("slurm: a task interrupted, one killed, both resumed; merged; a missing shard named, and added")


def check_yaml():
    """What the API requires of the two jobs, and what has to agree between them. Their documents."""
    shards, merge = (yaml.safe_load((SCALE / name).read_text()) for name in ("shards.yaml", "merge.yaml"))
    spec = shards["spec"]
    assert all(d["apiVersion"] == "batch/v1" and d["kind"] == "Job" for d in (shards, merge))
    assert spec["completionMode"] == "Indexed" and spec["backoffLimitPerIndex"] > 0
    assert 0 < spec["parallelism"] <= spec["completions"]
    container = spec["template"]["spec"]["containers"][0]
    for rule in spec["podFailurePolicy"]["rules"]:
        assert rule.get("onExitCodes", {}).get("containerName", container["name"]) == container["name"]
        assert 0 not in rule.get("onExitCodes", {}).get("values", [])
    for document in (shards, merge):
        pod = document["spec"]["template"]["spec"]
        names = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == names
        counts = [entry["value"] for entry in pod["containers"][0]["env"] if entry["name"] == "SHARDS"]
        assert counts == [str(spec["completions"])], f"SHARDS is {counts}, completions is {spec['completions']}"
    return {"shards.yaml": shards, "merge.yaml": merge}


def write_jobs(folder, documents):
    """A copy of the example with SHARDS shards, as a user edits it."""
    shutil.copytree(SCALE, folder)
    documents["shards.yaml"]["spec"].update(completions=SHARDS, parallelism=2)
    for name, document in documents.items():
        for entry in document["spec"]["template"]["spec"]["containers"][0]["env"]:
            if entry["name"] == "SHARDS":
                entry["value"] = str(SHARDS)
        (folder / name).write_text(yaml.safe_dump(document))


def kubernetes(build, folder, whole):
    jobs, data = folder / "jobs", folder / "data"
    write_jobs(jobs, check_yaml())
    variables = environment(build, folder, folder / "kubernetes", STAND_IN_DATA=str(data))
    run([jobs / "kubernetes.sh"], variables)
    log = (folder / "kubernetes" / "log").read_text()
    check_resumed(log)
    assert f"pod checkrob-shards {KILLED - 1} exit -9" in log and f"pod checkrob-shards {KILLED - 1} exit 0" in log, log
    check_results(data / "results", whole)

    shutil.rmtree(data / "results")
    (folder / "wrong.json").write_text('{"model": "model.pt"}')
    said = run([jobs / "kubernetes.sh"], dict(variables, SPEC=str(folder / "wrong.json")), 1)
    assert "some shards failed" in said and "none of the 4 shards" in said, said
    tries = (folder / "kubernetes" / "log").read_text()[len(log) :].count("pod checkrob-shards 0 ")
    assert tries == 1, f"a wrong specification was tried {tries} times"
    print("kubernetes: a pod interrupted, one killed, both resumed; merged; a wrong specification is tried once")


def main(build):
    build = Path(build).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        whole = folder / "whole"
        run([build / "bin" / "checkrob", "score", "--spec", folder / "run.json", "--out", whole], os.environ)
        slurm(build, folder, whole)
        kubernetes(build, folder, whole)


if __name__ == "__main__":
    main(sys.argv[1])
