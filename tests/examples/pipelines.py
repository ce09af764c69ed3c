# SPDX-License-Identifier: Apache-2.0
"""Runs the pipelines of examples/pipelines on some scenes of examples/planted: the shell steps of the YAML files as
their runners would, but for the set-up, and the Makefile with make. The gate has to be closed, then passed with those
results as baseline, and what the pipeline keeps has to be there.

usage: pipelines.py BUILD-FOLDER
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PIPELINES = os.path.join(ROOT, "examples", "pipelines")
PLANTED = os.path.join(ROOT, "examples", "planted")
CLOSED = 6
FILES = ["model.pt", "preprocess.json", "classes.csv"]


def prepare(folder):
    """The folder of a repository with a model: coats are doubtful there, and bags are not."""
    for name in FILES:
        shutil.copy(os.path.join(PLANTED, name), folder)
    for kind, to in (("images", "photos"), ("annotations", "annotations")):
        os.mkdir(os.path.join(folder, to))
        for name in ("coat", "bag"):
            for path in sorted(glob.glob("%s/scenes/%s/%s_0*" % (PLANTED, kind, name)))[:11]:
                shutil.copy(path, os.path.join(folder, to))


def environment(build, variables):
    path = os.path.join(os.path.realpath(build), "bin") + os.pathsep + os.environ["PATH"]
    return dict(os.environ, PATH=path, **{name: str(value) for name, value in variables.items()})


def run(command, folder, variables):
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)


def check_syntax(script):
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def github(build, folder):
    """The exit code of the job, what it printed, and the files that it keeps."""
    with open(os.path.join(PIPELINES, "github.yml")) as file:
        workflow = yaml.safe_load(file)
    steps = workflow["jobs"]["checkrob"]["steps"]
    setup = [step for step in steps if step.get("name") == "Set up checkrob"]
    assert len(setup) == 1 and all("run" in step or "uses" in step for step in steps)
    check_syntax(setup[0]["run"])
    code, printed = 0, ""
    for step in steps:
        if "run" not in step or step in setup or code != 0:
            continue
        assert step["shell"] == "bash"
        done = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], folder,
                   environment(build, workflow["env"]))
        code, printed = done.returncode, printed + done.stdout + done.stderr
    kept = [step["with"] for step in steps if "with" in step]
    return code, printed, kept[0]["path"].split() + [kept[1]["sarif_file"]]


def gitlab(build, folder):
    with open(os.path.join(PIPELINES, "gitlab.yml")) as file:
        job = yaml.safe_load(file)["checkrob"]
    check_syntax("\n".join(job["before_script"]))
    # GitLab's runner joins the commands to one script, of sh where an image has no bash.
    done = run(["sh", "-ec", "\n".join(job["script"])], folder, environment(build, job["variables"]))
    return done.returncode, done.stdout + done.stderr, job["artifacts"]["paths"] + [job["artifacts"]["reports"]["junit"]]


def make(build, folder):
    done = run(["make", "-f", os.path.join(PIPELINES, "Makefile"), "check"], folder, environment(build, {}))
    # make's own code for a command that failed is 2
    code = CLOSED if "Error %d" % CLOSED in done.stderr else done.returncode
    return code, done.stdout + done.stderr, ["results/report.html", "results/classes.csv", "results/gate.xml", "results/gate.json"]


def accept(build, folder, pipeline):
    if pipeline is make:
        assert run(["make", "-f", os.path.join(PIPELINES, "Makefile"), "accept"], folder, environment(build, {})).returncode == 0
    else:
        shutil.copy(os.path.join(folder, "results/results.sqlite"), os.path.join(folder, "baseline.sqlite"))


def check(build, pipeline):
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        for expected, line in ((CLOSED, "gate closed: 1 violation; 1 of 2 classes passed"),
                               (0, "gate passed: 0 new violations, 1 old one remains, 0 fixed; 1 of 2 classes passed")):
            code, printed, kept = pipeline(build, folder)
            assert code == expected and line in printed, "exit code %d\n%s" % (code, printed)
            for path in kept:
                assert os.path.getsize(os.path.join(folder, path)) > 0, path
            accept(build, folder, pipeline)
        path = "results/gate.json" if pipeline is make else "gate.json"
        with open(os.path.join(folder, path)) as file:
            assert json.load(file)["closed"] is False
    print("%s: closed, then passed with a baseline" % pipeline.__name__)


def main(build):
    for pipeline in (github, gitlab, make):
        check(build, pipeline)


if __name__ == "__main__":
    main(sys.argv[1])
