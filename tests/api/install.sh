#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An installed checkrob is found by find_package(checkrob) and by pkg-config, and a program of each kind runs.
# Usage: install.sh BUILD-FOLDER
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cmake --install "$1" --prefix "$place/prefix" >/dev/null

mkdir "$place/consumer"
cat >"$place/consumer/main.c" <<'END'
#include <checkrob/checkrob.h>
#include <stdio.h>
int main(void) { return printf("%s\n", checkrob_version()) < 0; }
END
cat >"$place/consumer/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(checkrob 0.1 REQUIRED)
add_executable(consumer main.c)
target_link_libraries(consumer checkrob::checkrob)
END
cmake -G Ninja -S "$place/consumer" -B "$place/build" -DCMAKE_PREFIX_PATH="$place/prefix" >/dev/null
cmake --build "$place/build" >/dev/null
"$place/build/consumer"

export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$place/prefix" -name checkrob.pc)")
# shellcheck disable=SC2046
gcc "$place/consumer/main.c" -o "$place/with-pkg-config" $(pkg-config --cflags --libs checkrob) \
  -Wl,-rpath,"$(pkg-config --variable=libdir checkrob)"
"$place/with-pkg-config"
"$place/prefix/bin/checkrob" --version
# Without optimisation there is no _FORTIFY_SOURCE.
grep -q '^CMAKE_BUILD_TYPE:.*=Debug' "$1/CMakeCache.txt" || python3 "$(dirname "$0")/hardening.py" \
  "$(find "$place/prefix" -name libcheckrob.so)" "$place/prefix/bin/checkrob" \
  "$(find "$place/prefix" -name libcheckrob-shim.so)" "$(find "$place/prefix" -name checkrob-worker)"

# Links between the installed documents hold.
while read -r document; do
  links=$(grep -o '](\([^)#]*\)' "$document" | cut -c3- | grep -v '^[a-z]*:' || true)
  for link in $links; do
    [ -e "$(dirname "$document")/$link" ] || { echo "$document: there is no $link" >&2; exit 1; }
  done
done < <(find "$place/prefix" -name '*.md')
