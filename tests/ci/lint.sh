#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, static analysis, spelling, prose and licence lines. Usage: tests/ci/lint.sh [BUILD-FOLDER], by default build
. "$(dirname "$0")/common.sh"
folder=${1:-build}
need "${build_packages[@]}" libcmocka-dev "${lint_packages[@]}"

tests/ci/licence.py --check
tests/ci/version.py
tests/ci/prose.py --check
git ls-files -z | xargs -0 codespell
git ls-files -z '*.[ch]' '*.[ch]pp' | xargs -0 clang-format --dry-run --Werror
[ -e "$folder/compile_commands.json" ] || configure release "$folder"
# The shim is C++ on libtorch's headers, which take minutes to analyse, and their warnings are not ours to correct.
git ls-files -z 'lib/*.c' 'backend/*.c' 'tools/*.c' | xargs -0 -n 8 -P "$(nproc)" tests/ci/tidy.sh "$folder"
echo "licence lines, prose, codespell, clang-format and clang-tidy: clean"
