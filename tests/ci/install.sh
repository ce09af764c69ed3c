#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a release build, and builds and runs programs against what was installed: by CMake and by pkg-config.
# Usage: tests/ci/install.sh [BUILD-FOLDER], by default build
. "$(dirname "$0")/common.sh"
folder=${1:-build}
need "${build_packages[@]}"
cmake --preset release -B "$folder" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
cmake --build "$folder" --target checkrob checkrob_command
tests/api/install.sh "$folder"
