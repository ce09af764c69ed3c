# SPDX-License-Identifier: Apache-2.0
"""Stands in for sbatch, scontrol and kubectl in scale.py, under these names. Runs the jobs at once, one after the
other, as the schedulers would: the same scripts with the same environment. Two tasks of an array or Indexed Job do not
end by themselves: STAND_IN_TERM gets SIGTERM when it has stored rows, and STAND_IN_KILL is killed with all its
processes.

STAND_IN is the folder of its state, in which `log` has a line for what was asked and done.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from stored import stored_rows

STATE = Path(os.environ["STAND_IN"])
TERM, KILL = int(os.environ.get("STAND_IN_TERM", "0")), int(os.environ.get("STAND_IN_KILL", "0"))


def log(*words):
    with open(STATE / "log", "a") as file:
        file.write(" ".join(map(str, words)) + "\n")


def disturb(process, shard, store):
    """Ends a task of the scheduler's own accord, when it has stored rows. Whether it had not ended before."""
    while process.poll() is None and stored_rows(store) == 0:
        time.sleep(0.005)
    if process.poll() is None and shard == TERM:
        process.send_signal(signal.SIGTERM)
    elif process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    if process.wait() == 0:
        return False
    log("disturbed", shard, "after", stored_rows(store), "rows, exit", process.returncode)
    return True


def run_task(command, environment, output, shard, results):
    """The exit code; the task has a session of its own, as on a node. One that ends before this process disturbs it, on a
    busy machine, begins anew."""
    mark, store = STATE / f"disturbed-{shard}", Path(results) / "shards" / str(shard) / "results.sqlite"
    wants = shard in (TERM, KILL) and not mark.exists()
    with open(output, "a") as file:
        for _ in range(10):
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
            if not wants or disturb(process, shard, store):
                break
            shutil.rmtree(store.parent)
        mark.touch()
        return process.wait()


# ---- Slurm ----


def numbers(tasks):
    """ "1-4%2", "3,17": the tasks of an array."""
    for part in tasks.split("%")[0].split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def directives(script):
    return dict(re.findall(r"^#SBATCH --([\w-]+)=?(\S*)", script.read_text(), re.M))


def run_array_task(script, job, task, options, environment):
    """Runs a task until it has ended, and was not queued again."""
    queue = STATE / f"requeue-{job}_{task}"
    for _ in range(5):
        queue.unlink(missing_ok=True)
        own = dict(
            environment,
            SLURM_JOB_ID=str(job * 1000 + task),
            SLURM_ARRAY_JOB_ID=str(job),
            SLURM_ARRAY_TASK_ID=str(task),
            SLURM_CPUS_PER_TASK="1",
        )
        output = options["output"].replace("%a", str(task))
        code = run_task(["bash", str(script)], own, output, task, environment["RESULTS"])
        if not queue.exists() and not (code < 0 and "requeue" in options):
            return code
        log("requeued", task)
    raise AssertionError(f"task {task} is queued again and again")


def sbatch(arguments):
    given = dict(re.fullmatch(r"--([\w-]+)=?(.*)", word).groups() for word in arguments[:-1])
    job = len(list(STATE.glob("job-*"))) + 1
    script = STATE / f"job-{job}" / "slurm_script"  # a copy
    script.parent.mkdir()
    shutil.copy(arguments[-1], script)
    options = {**directives(script), **given}
    assert options["time"] and options["mem"] and options["cpus-per-task"], options
    codes = {}
    if "array" in options:
        codes = {task: run_array_task(script, job, task, options, os.environ) for task in numbers(options["array"])}
    else:
        dependency = re.fullmatch(r"afterany:(\d+)", options["dependency"])
        assert (STATE / f"job-{dependency[1]}").is_dir(), options
        codes[0] = run_task(["bash", str(script)], os.environ, options["output"], 0, os.environ["RESULTS"])
    log("sbatch", Path(arguments[-1]).name, "job", job, "codes", json.dumps(codes))
    print(f"{job};cluster")


def scontrol(arguments):
    assert arguments[0] == "requeue" and re.fullmatch(r"\d+_\d+", arguments[1]), arguments
    (STATE / f"requeue-{arguments[1]}").touch()


# ---- Kubernetes ----


def values(container, mounts):
    """The environment of a container; folders of its mounts are folders here."""
    for entry in container["env"]:
        if "value" in entry:
            yield entry["name"], moved(entry["value"], mounts)
        else:
            path = entry["valueFrom"]["resourceFieldRef"]["resource"].split(".")
            yield entry["name"], str(container["resources"][path[0]][path[1]])


def moved(text, mounts):
    for at, folder in mounts.items():
        if text == at or text.startswith(at + "/"):
            return folder + text[len(at) :]
    return text


def run_pods(name, spec, index):
    """Runs pods for an index until one succeeds, as often as the job allows. Whether one did."""
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    assert pod["restartPolicy"] == "Never" and len(pod["containers"]) == 1
    volumes = {
        v["name"]: STATE / v["configMap"]["name"] if "configMap" in v else os.environ["STAND_IN_DATA"]
        for v in pod["volumes"]
    }
    mounts = {m["mountPath"]: str(volumes[m["name"]]) for m in container["volumeMounts"]}
    environment = dict(os.environ, **dict(values(container, mounts)))
    if spec.get("completionMode") == "Indexed":
        environment["JOB_COMPLETION_INDEX"] = str(index)
    command = [moved(word, mounts) for word in container["command"]]
    for _ in range(1 + spec.get("backoffLimitPerIndex", spec.get("backoffLimit", 6))):
        code = run_task(command, environment, STATE / f"{name}.log", index + 1, environment["RESULTS"])
        log("pod", name, index, "exit", code)
        if code == 0:
            return True
        if any(
            code in rule["onExitCodes"]["values"]
            for rule in spec.get("podFailurePolicy", {}).get("rules", [])
            if rule["action"] == "FailIndex"
        ):
            return False
    return False


def apply(document):
    name = document["metadata"]["name"]
    if document["kind"] == "ConfigMap":
        folder = STATE / name
        folder.mkdir(exist_ok=True)
        for file, text in document["data"].items():
            (folder / file).write_text(text)
        return
    spec = document["spec"]
    done = [run_pods(name, spec, index) for index in range(spec.get("completions", 1))]
    (STATE / f"{name}.ended").write_text("SuccessCriteriaMet Complete" if all(done) else "FailureTarget Failed")


def create_configmap(arguments):
    files = dict(word.partition("=")[2].split("=", 1) for word in arguments if word.startswith("--from-file="))
    yaml.safe_dump(
        {
            "kind": "ConfigMap",
            "metadata": {"name": arguments[2]},
            "data": {name: Path(path).read_text() for name, path in files.items()},
        },
        sys.stdout,
    )


def kubectl(arguments):
    if arguments[:2] == ["create", "configmap"]:
        create_configmap(arguments)
    elif arguments[:2] == ["apply", "-f"]:
        with sys.stdin if arguments[2] == "-" else open(arguments[2]) as file:
            apply(yaml.safe_load(file))
    elif arguments[:2] == ["get", "job"]:
        print((STATE / f"{arguments[2]}.ended").read_text(), end="")
    elif arguments[0] == "logs":
        print((STATE / f"{arguments[1].partition('/')[2]}.log").read_text(), end="")
    else:
        assert arguments[0] == "delete" and "--ignore-not-found" in arguments, arguments


if __name__ == "__main__":
    {"sbatch": sbatch, "scontrol": scontrol, "kubectl": kubectl}[Path(sys.argv[0]).name](sys.argv[1:])
