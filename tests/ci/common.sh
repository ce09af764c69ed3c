# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of tests/ci: goes to the project's root, names packages, builds and tests presets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. examples/setup.sh

# git lists the files also of a clone that belongs to another user.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'

test_packages=(libcmocka-dev python3-torch python3-torchvision python3-numpy python3-pil python3-jsonschema python3-yaml libxml2-utils make man-db
               groff tmux zsh fish chromium chromium-driver python3-selenium
               python3-nbclient python3-nbformat python3-ipykernel python3-distributed)
lint_packages=(clang-format clang-tidy codespell git python3 python3-venv python3-pip)
fuzz_packages=(clang libclang-rt-14-dev) # libFuzzer is in the latter

# configure PRESET FOLDER [CMAKE-OPTION...]: with all tests; a warning is an error.
configure() {
  local preset=$1 folder=$2
  shift 2
  cmake --preset "$preset" -B "$folder" -DBUILD_TESTING=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@"
}

# use_ccache: what one job has compiled, another one does not compile again: the wheel has the objects of a release.
use_ccache() {
  need ccache
  export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER-ccache} CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  export CCACHE_DIR=${CCACHE_DIR:-$PWD/build-ccache}
}

# run_tests FOLDER [CTEST-OPTION...]: a test has two hours, which only end a hang.
run_tests() {
  local folder=$1
  shift
  ctest --test-dir "$folder" --output-on-failure --timeout 7200 -j "$(nproc)" "$@"
  [ -d "${CHECKROB_SHARED:-../shared}/golden" ] ||
    echo "Note: there is no ${CHECKROB_SHARED:-../shared}/golden; tests on the authors' data were skipped."
}

# other_python: a Python with another torch than Debian's, if there is one: tests of the package run it beside checkrob.
other_python() {
  local python
  local script='import importlib.util, sys; spec = importlib.util.find_spec("torch")
sys.exit(not spec or not spec.origin or spec.origin.startswith("/usr/lib/python3/"))'
  for python in "${CHECKROB_OTHER_PYTHON:-}" "$(command -v python3)" "$HOME"/.pyenv/versions/3.*/bin/python; do
    if [ -x "$python" ] && "$python" -c "$script" 2>/dev/null; then
      echo "$python"
      return
    fi
  done
}

# get_axe FOLDER: axe-core, which looks for barriers in the report's page, as a wheel. Without pip or a network the test
# does without, and says so.
get_axe() {
  compgen -G "$1/*.whl" >/dev/null || python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest "$1" axe-playwright-python==0.1.8 ||
    echo "Note: axe-core cannot be downloaded; nobody looks for barriers in the report's page."
}
