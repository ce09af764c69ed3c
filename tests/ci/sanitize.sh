#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; with the word `rooms` those of the whole
# core on the fake model alone, which need no libtorch built with sanitizers and take a tenth of the time.
# Usage: tests/ci/sanitize.sh [BUILD-FOLDER [rooms]], by default build-debug
. "$(dirname "$0")/common.sh"
folder=${1:-build-debug}
need "${build_packages[@]}" "${test_packages[@]}"
configure debug "$folder"
if [ "${2:-}" = rooms ]; then
  cmake --build "$folder" --target room_tests
  run_tests "$folder" -L room
else
  cmake --build "$folder"
  run_tests "$folder"
fi
