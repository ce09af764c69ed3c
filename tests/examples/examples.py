# SPDX-License-Identifier: Apache-2.0
"""Compiles the examples in C, runs all of them on examples/planted, and compares what they print with the files beside
this one: words exactly, numbers to 2e-3. The samples in README.md are parts of the examples.

usage: examples.py BUILD-FOLDER
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PLANTED = os.path.join(ROOT, "examples", "planted")
SCENES = PLANTED + "/scenes/images"
TOLERANCE = 2e-3
ARGUMENTS = {
    "score": [SCENES, PLANTED + "/scenes/annotations", PLANTED + "/classes.csv"],
    "explain": [SCENES + "/boot_000.png", "9"],
    "extract": [SCENES, "auto"],
}


def parts(text):
    """Words, and numbers with a decimal point."""
    return [float(word) if re.fullmatch(r"-?\d+\.\d+", word) else word for word in re.split(r"(-?\d+\.\d+)", text)]


def is_same(printed, expected):
    a, b = parts(printed), parts(expected)
    return len(a) == len(b) and all(
        abs(x - y) <= TOLERANCE if isinstance(x, float) and isinstance(y, float) else x == y for x, y in zip(a, b))


def run(command, library):
    environment = dict(os.environ, LD_LIBRARY_PATH=library, PYTHONPATH=ROOT + "/python/src")
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, "%s: exit code %d\n%s" % (command[:2], result.returncode, result.stderr)
    return result.stdout


def compile_c(source, program, library):
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I" + ROOT + "/include"]
    subprocess.run(["gcc", *flags, source, "-o", program, "-L" + library, "-lcheckrob"], check=True)


def check(name, language, command, library):
    printed = run(command + [PLANTED + "/model.pt", PLANTED + "/preprocess.json"] + ARGUMENTS[name], library)
    with open(os.path.join(os.path.dirname(__file__), name + ".txt")) as file:
        expected = file.read()
    if is_same(printed, expected):
        print("%s in %s: as expected" % (name, language))
        return True
    print("%s in %s prints other things:" % (name, language))
    print("".join(difflib.unified_diff(expected.splitlines(True), printed.splitlines(True), "expected", "printed")))
    return False


def check_usage(name, language, command, library):
    """Without arguments an example says which ones it takes."""
    environment = dict(os.environ, LD_LIBRARY_PATH=library, PYTHONPATH=ROOT + "/python/src")
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode == 2 and result.stderr.startswith("usage: " + name) and result.stderr.count("\n") == 1:
        return True
    print("%s in %s without arguments: exit code %d\n%s" % (name, language, result.returncode, result.stderr))
    return False


def check_readme():
    with open(ROOT + "/README.md") as file:
        readme = file.read()
    good = True
    for language, path in (("c", "examples/c/score.c"), ("python", "examples/python/score.py")):
        samples = re.findall(r"^```%s\n(.*?)^```$" % language, readme, re.M | re.S)
        with open(os.path.join(ROOT, path)) as file:
            source = file.read()
        if len(samples) != 1 or samples[0] not in source:
            print("README.md: its sample in %s is no part of %s" % (language, path))
            good = False
    return good


def main(build):
    library, good = os.path.realpath(build) + "/lib", check_readme()
    with tempfile.TemporaryDirectory() as folder:
        for name in ARGUMENTS:
            program = os.path.join(folder, name)
            compile_c("%s/examples/c/%s.c" % (ROOT, name), program, library)
            script = "%s/examples/python/%s.py" % (ROOT, name)
            for language, command in (("C", [program]), ("Python", [sys.executable, script])):
                good &= check(name, language, command, library)
                good &= check_usage(name, language, command, library)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
