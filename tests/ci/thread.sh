#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tests of rooms under ThreadSanitizer. They run the whole core on the fake model: libtorch is not instrumented, and
# its own threads would be reported. Usage: tests/ci/thread.sh [BUILD-FOLDER], by default build-thread
. "$(dirname "$0")/common.sh"
folder=${1:-build-thread}
need "${build_packages[@]}" "${test_packages[@]}"
configure thread "$folder"
cmake --build "$folder" --target room_tests
run_tests "$folder" -L room
