#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer.
# Usage: tests/ci/sanitize.sh [BUILD-FOLDER], by default build-debug
. "$(dirname "$0")/common.sh"
folder=${1:-build-debug}
need "${build_packages[@]}" "${test_packages[@]}"
configure debug "$folder"
cmake --build "$folder"
run_tests "$folder"
