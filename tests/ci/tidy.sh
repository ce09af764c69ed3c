#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy with the committed settings; silent where it finds nothing. Usage: tests/ci/tidy.sh BUILD-FOLDER FILE...
# The build folder holds compile_commands.json; without it (in the pre-commit hook) the script says how to make it.
set -euo pipefail
folder=$1
shift
[ -e "$folder/compile_commands.json" ] || {
  echo "There is no $folder/compile_commands.json; run: cmake --preset release -B $folder" >&2
  exit 1
}
# It counts suppressed warnings on stderr, for every file.
clang-tidy --quiet -p "$folder" "$@" 2>/dev/null
