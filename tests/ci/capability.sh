#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tests that compute with libtorch, held to older processors' instructions: a result may not depend on the machine.
# Usage: tests/ci/capability.sh [BUILD-FOLDER], by default build
. "$(dirname "$0")/common.sh"
folder=${1:-build}
need "${build_packages[@]}" "${test_packages[@]}"
configure release "$folder"
cmake --build "$folder"
echo "== AVX2"
ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 run_tests "$folder" -L numeric
echo "== SSE4.1"
ONEDNN_MAX_CPU_ISA=SSE41 ATEN_CPU_CAPABILITY=default run_tests "$folder" -L numeric
