#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test, built by gcc for release. Usage: tests/ci/release.sh [BUILD-FOLDER], by default build
. "$(dirname "$0")/common.sh"
folder=${1:-build}
need "${build_packages[@]}" "${test_packages[@]}"
use_ccache
configure release "$folder"
cmake --build "$folder"
get_axe "$folder/axe"
CHECKROB_OTHER_PYTHON=$(other_python) run_tests "$folder"
