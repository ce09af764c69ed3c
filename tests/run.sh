#!/usr/bin/env bash
# Sets up, builds with and without sanitizers, and runs every test and the linters.
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/setup.sh
need "${build_packages[@]}" libcmocka-dev python3-torch python3-numpy python3-pil clang-format clang-tidy man-db groff

start=$SECONDS
for preset in debug release; do
  echo "== Building: $preset"
  cmake --preset $preset -DBUILD_TESTING=ON
  cmake --build --preset $preset
done
echo "== Linting"
tests/lint.sh build
for preset in debug release; do
  echo "== Testing: $preset"
  ctest --preset $preset -j 2
done

[ -d "${CHECKROB_SHARED:-../shared}/golden" ] ||
  echo "Note: there is no ${CHECKROB_SHARED:-../shared}/golden, so the golden tests were skipped."
echo "All tests passed: the debug build (AddressSanitizer, UndefinedBehaviorSanitizer) and the release build, in $((SECONDS - start)) s."
