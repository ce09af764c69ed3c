#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, static analysis, spelling, prose and licence lines. Usage: tests/ci/lint.sh [BUILD-FOLDER], by default build
. "$(dirname "$0")/common.sh"
folder=$(realpath -m "${1:-build}")
need "${build_packages[@]}" libcmocka-dev "${lint_packages[@]}"
use_ccache # CMake keeps what the first configuration of a folder says

# lint_python VENV: the Python package by ruff and mypy, which Debian does not have or has in old versions.
lint_python() {
  [ -x "$1/bin/mypy" ] || { /usr/bin/python3 -m venv "$1" &&
    "$1/bin/python" -m pip install --disable-pip-version-check --quiet ruff==0.17.6 mypy==2.4.1 typing_extensions; } || {
    echo "Note: ruff and mypy cannot be installed; nobody looks at the types of the Python package."
    return 0
  }
  (cd python && "$1/bin/ruff" check . ../tests/python && "$1/bin/ruff" format --check . ../tests/python && "$1/bin/mypy" &&
    "$1/bin/mypy" ../tests/python/typed.py)
}

tests/ci/licence.py --check
tests/ci/version.py
tests/ci/prose.py --check
git ls-files -z | xargs -0 codespell
git ls-files -z '*.[ch]' '*.[ch]pp' | xargs -0 clang-format --dry-run --Werror
lint_python "$folder/venv-lint"
# A reader that stops early ends its writer by SIGPIPE, at times, and with pipefail the script.
git ls-files -z '*.sh' | xargs -0 grep -nE '\| *(grep +-[a-zA-Z]*[qm]|head( |$))' | grep -v 141 && {
  echo "Read all of a pipe: sed -n 1p, or [[ \$(...) == *...* ]]"
  exit 1
}
# examples/demo.sh configures the same folder, without tests.
grep -qs tests/support/ "$folder/compile_commands.json" || configure release "$folder"
# The shim is C++ on libtorch's headers, which take minutes to analyse, and their warnings are not ours to correct.
git ls-files -z 'lib/*.c' 'backend/*.c' 'tools/*.c' | xargs -0 -n 8 -P "$(nproc)" tests/ci/tidy.sh "$folder"
# The tests have to compile with clang, too, which warns of more than gcc; the job fuzz does that for the rest. clang-tidy
# asks for a check beside the compiler's warnings.
git ls-files -z 'tests/*.c' | xargs -0 -n 8 -P "$(nproc)" tests/ci/tidy.sh "$folder" --checks='-*,clang-diagnostic-*,misc-misplaced-const'
echo "licence lines, prose, codespell, clang-format, clang-tidy, ruff and mypy: clean"
