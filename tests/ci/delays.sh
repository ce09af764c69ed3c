#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test with threads that are delayed at random, which finds races of the code and of the tests: tests/delays/delays.c.
# SEED=7 has other delays. Usage: tests/ci/delays.sh [BUILD-FOLDER [CTEST-OPTION...]], by default build and all tests
. "$(dirname "$0")/common.sh"
folder=${1:-build}
need "${build_packages[@]}" "${test_packages[@]}"
configure release "$folder"
cmake --build "$folder"
folder=$(realpath "$folder")
export DELAYS_SEED=${SEED:-$RANDOM}
echo "Seed of the delays: $DELAYS_SEED"
LD_PRELOAD=$folder/tests/libdelays.so run_tests "$folder" "${@:2}"
