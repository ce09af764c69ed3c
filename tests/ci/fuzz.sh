#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every fuzzing harness for some seconds, with libFuzzer and sanitizers. Usage: tests/ci/fuzz.sh [SECONDS], by default 20
. "$(dirname "$0")/common.sh"
need "${build_packages[@]}" "${test_packages[@]}" "${fuzz_packages[@]}"
tests/fuzz/run.sh "${1:-20}"
