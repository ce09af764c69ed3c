#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the scripts of the command's tests and compares what they print with the files beside them: see README.md."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import patterns

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77  # exit code of a script that lacks what it needs
BROKEN = 99   # exit code of a script that found something wrong itself
SANITIZER = 86


class Outcome:
    """What a script did: `code`, and `output`, the lines of "stdout" and "stderr"; `reports`, of sanitizers."""

    def __init__(self, code, output, reports):
        self.code, self.output, self.reports = code, output, reports


def environment(options, work):
    """For a script: where everything is, and nothing that changes what the command prints."""
    values = dict(os.environ, CHECKROB=str(options.command), LIB=str(HERE / "lib.sh"), COMMON=str(HERE),
                  PLANTED=str(ROOT / "examples" / "planted"), SHARED=options.shared, WORK=work, LC_ALL="C.UTF-8",
                  PYTHON=sys.executable)
    for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        # Reports go to a file, whatever a script does with stderr. UBSan of gcc takes no file: it has to stop instead.
        ours = "exitcode=%d:log_path=%s/sanitizer:halt_on_error=1" % (SANITIZER, os.path.dirname(work))
        values[name] = ":".join(filter(None, [values.get(name), ours]))
    for name in ("COLUMNS", "NO_COLOR"):
        values.pop(name, None)
    return values


def lines_of(data, places):
    """Output as lines, in which $NAME stands for each of the folders `places`, {name: path}."""
    text = data.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    lines[-1:] = [lines[-1] + "$(no line end)"] if lines[-1] else []
    for name in sorted(places, key=lambda name: -len(places[name])):  # the innermost folder first
        lines = [line.replace(places[name], "$" + name) for line in lines]
    return lines


def run(script, options):
    """Runs DIR/run.sh in a new empty folder."""
    with tempfile.TemporaryDirectory(prefix="checkrob-") as folder:
        folder = os.path.realpath(folder)
        work = os.path.join(folder, "work")
        os.mkdir(work)
        values = environment(options, work)
        result = subprocess.run(["bash", str(script / "run.sh")], cwd=work, env=values, stdin=subprocess.DEVNULL,
                                capture_output=True, check=False)
        places = {name: values[name] for name in ("WORK", "PLANTED", "SHARED", "CHECKROB", "COMMON") if values[name]}
        output = {"stdout": lines_of(result.stdout, places), "stderr": lines_of(result.stderr, places)}
        reports = [path.read_text(errors="replace") for path in sorted(pathlib.Path(folder).glob("sanitizer*"))]
        return Outcome(result.returncode, output, reports)


def expected_lines(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def expected_code(script):
    path = script / "exit"
    return int(path.read_text()) if path.exists() else 0


def problems(script, outcome):
    """What is not as expected, as text; nothing when all is."""
    found = []
    if outcome.code != expected_code(script):
        found.append("exit code %d, expected %d" % (outcome.code, expected_code(script)))
    for name, actual in outcome.output.items():
        expected = expected_lines(script / name)
        if not patterns.fits(expected, actual):
            found.append(patterns.difference(expected, actual, script.name + "/" + name))
    return "\n".join(found + outcome.reports)


def write_or_remove(path, text):
    if text:
        path.write_text(text, encoding="utf-8")
    elif path.exists():
        path.unlink()


def accept(script, outcome):
    """Makes what happened the expectation. Wildcards stay where they still match."""
    for name, actual in outcome.output.items():
        expected = expected_lines(script / name)
        if not patterns.fits(expected, actual):
            lines = patterns.rewrite(expected, actual)
            write_or_remove(script / name, "".join(line + "\n" for line in lines))
    write_or_remove(script / "exit", "%d\n" % outcome.code if outcome.code else "")


def judge(script, options):
    """Runs a script; returns "passed", "failed", "skipped" or "accepted", and the text to print."""
    outcome = run(script, options)
    if outcome.code == SKIPPED and not outcome.reports:
        return "skipped", "\n".join(outcome.output["stdout"])
    text = problems(script, outcome)
    if not text:
        return "passed", ""
    if options.accept and not outcome.reports and outcome.code not in (BROKEN, SANITIZER):
        accept(script, outcome)
        return "accepted", text
    return "failed", text


def chosen(names):
    """The folders of the scripts named; without a name, all."""
    scripts = {path.parent.name: path.parent for path in sorted(HERE.glob("*/run.sh"))}
    unknown = [name for name in names if name not in scripts]
    if unknown:
        sys.exit("run.py: there is no test '%s'; --list lists them" % unknown[0])
    return [scripts[name] for name in names or scripts]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these tests")
    parser.add_argument("--command", default=os.environ.get("CHECKROB_COMMAND", ROOT / "build" / "bin" / "checkrob"),
                        help="the command under test (default: $CHECKROB_COMMAND, or build/bin/checkrob)")
    parser.add_argument("--accept", action="store_true", help="rewrite the expected files of tests that fail")
    parser.add_argument("--list", action="store_true", help="list the tests")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="run N tests at a time")
    options = parser.parse_args()
    options.command = pathlib.Path(options.command).resolve()
    shared = pathlib.Path(os.environ.get("CHECKROB_SHARED") or ROOT.parent / "shared").resolve()
    options.shared = str(shared) if (shared / "golden").is_dir() else ""
    return options


def main():
    options = parse()
    scripts = chosen(options.names)
    if options.list:
        print("\n".join(script.name for script in scripts))
        return 0
    if not os.access(options.command, os.X_OK):
        sys.exit("run.py: there is no program %s; name one by --command" % options.command)
    results = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for script, (result, text) in zip(scripts, pool.map(lambda script: judge(script, options), scripts)):
            print("%-8s  %s" % (result, script.name) + ("\n" + text if text else ""), flush=True)
            results.append(result)
    print(", ".join("%d %s" % (results.count(result), result) for result in sorted(set(results))))
    if "failed" in results:
        return 1
    return SKIPPED if all(result == "skipped" for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
