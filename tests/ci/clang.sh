#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test, built by clang for release. Usage: tests/ci/clang.sh [BUILD-FOLDER], by default build-clang
. "$(dirname "$0")/common.sh"
folder=${1:-build-clang}
need "${build_packages[@]}" "${test_packages[@]}" clang
configure clang "$folder"
cmake --build "$folder"
run_tests "$folder"
