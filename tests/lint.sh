#!/usr/bin/env bash
# Holds the C code against the committed .clang-format and .clang-tidy. Usage: tests/lint.sh BUILD-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

find include lib shim tests tools -name '*.[ch]' -print0 -o -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run --Werror
# The shim is C++ on libtorch's headers, which take minutes to analyse and are not ours to mend.
find lib tools -name '*.c' -print0 | xargs -0 -n 8 -P "$(nproc)" clang-tidy --quiet -p "$build" 2>/dev/null
echo "clang-format and clang-tidy: clean"
