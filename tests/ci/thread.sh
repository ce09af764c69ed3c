#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Under ThreadSanitizer: the tests of rooms, which run the whole core on the fake model, and several cuts of one model on
# several threads with libtorch. With the word `rooms` the former alone: the shim takes minutes to build.
# Usage: tests/ci/thread.sh [BUILD-FOLDER [rooms]], by default build-thread
. "$(dirname "$0")/common.sh"
folder=${1:-build-thread}
need "${build_packages[@]}" "${test_packages[@]}"
configure thread "$folder"
cmake --build "$folder" --target room_tests
run_tests "$folder" -L room
[ "${2:-}" != rooms ] || exit 0
cmake --build "$folder" --target test_shim_cuts
run_tests "$folder" -R '^shim_cuts$'
