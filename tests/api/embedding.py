#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the examples of docs/embedding.md against an installed checkrob, with CMake and with pkg-config, and runs them
on scenes of examples/planted. Usage: embedding.py BUILD-FOLDER

The C example gets SIGINT: the signal is pending before the program starts, so it arrives when the program unblocks it.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PLANTED = os.path.join(ROOT, "examples", "planted")
FILES = {"c": "scorer.c", "cpp": "judge.cpp", "cmake": "CMakeLists.txt", "sh": "build.sh"}


def extract(folder):
    """Writes each example under its name."""
    with open(os.path.join(ROOT, "docs", "embedding.md"), encoding="utf-8") as file:
        samples = re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.M | re.S)
    assert sorted(language for language, _ in samples) == sorted(FILES), [language for language, _ in samples]
    for language, text in samples:
        with open(os.path.join(folder, FILES[language]), "w", encoding="utf-8") as file:
            file.write(text)


def call(*command, code=0, **others):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **others)
    assert done.returncode == code, "%s: exit code %d\n%s%s" % (command, done.returncode, done.stdout, done.stderr)
    return done.stdout


def build(folder, prefix):
    """Both ways; returns the folders of the programs."""
    strict = "-Wall -Wextra -Wpedantic -Werror"
    call("cmake", "-G", "Ninja", "-S", folder, "-B", folder + "/cmake", "-DCMAKE_PREFIX_PATH=" + prefix,
         "-DCMAKE_C_FLAGS=" + strict, "-DCMAKE_CXX_FLAGS=" + strict)
    call("cmake", "--build", folder + "/cmake")
    pc = glob.glob(prefix + "/**/checkrob.pc", recursive=True)[0]
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc))
    call("sh", "-e", "build.sh", cwd=folder, env=environment)
    return [folder + "/cmake", folder]


def scenes(folder):
    arguments = [PLANTED + "/model.pt", PLANTED + "/preprocess.json"]
    for kind in ("images", "annotations"):
        os.mkdir(os.path.join(folder, kind))
        for name in ("coat", "bag"):
            for path in sorted(glob.glob("%s/scenes/%s/%s_0*" % (PLANTED, kind, name)))[:11]:
                shutil.copy(path, os.path.join(folder, kind))
        arguments.append(os.path.join(folder, kind))
    return arguments + [PLANTED + "/classes.csv"]


def interrupt_from_the_start():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.kill(os.getpid(), signal.SIGINT)


def run(programs, arguments, environment):
    results = programs + "/results.sqlite"
    scorer, judge = programs + "/scorer", programs + "/judge"
    assert call(scorer, *arguments, results, code=4, env=environment, preexec_fn=interrupt_from_the_start) == "interrupted\n"
    assert "not complete" in subprocess.run([judge, results, "acc > 2"], env=environment, capture_output=True, text=True,
                                            check=False).stderr
    assert call(scorer, *arguments, results, env=environment) == "coat: doubtful\nbag: not suspicious\n"
    assert call(judge, results, "acc > 2", env=environment) == ""
    printed = call(judge, results, "verdict = 'doubtful'", code=6, env=environment)
    assert printed == "coat: verdict = 'doubtful': verdict = 'doubtful'\n", printed


def main(build_folder):
    with tempfile.TemporaryDirectory() as folder:
        prefix = folder + "/prefix"
        call("cmake", "--install", build_folder, "--prefix", prefix)
        extract(folder)
        library = os.path.dirname(glob.glob(prefix + "/**/libcheckrob.so", recursive=True)[0])
        environment = dict(os.environ, LD_LIBRARY_PATH=library)
        arguments = scenes(folder)
        for programs in build(folder, prefix):
            run(programs, arguments, environment)
            print("%s: interrupted, resumed, judged" % os.path.relpath(programs, folder))


if __name__ == "__main__":
    main(sys.argv[1])
