#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Python package: builds its wheel by pip, checks what is in it, and runs tests/python with it, installed in a venv of
# each Python from 3.9 that is there (pyenv's too). Usage: tests/ci/python.sh [BUILD-FOLDER [quick|TORCH]], by default
# build-python. quick: without pip's build isolation, so without a network once it has run, and the other Pythons run
# some of the tests. TORCH is a requirement, such as "torch==2.13.0": the wheel is then built against that package.
. "$(dirname "$0")/common.sh"
folder=${1:-build-python}
torch=${2:-}
need "${build_packages[@]}" python3-torch python3-numpy python3-pil python3-venv python3-pip
use_ccache
mkdir -p "$folder"
folder=$(realpath "$folder")
tests=(tests/python/test_*.py)
isolation=()
if [ "$torch" = quick ]; then
  torch=
  tests=(tests/python/test_{arrays,errors,handles,model,results,samples,score}.py)
  isolation=(--no-build-isolation)
fi

# pythons: one of each version from 3.9, Debian's first.
pythons() {
  local python version seen=" "
  for python in /usr/bin/python3 /usr/bin/python3.9 /usr/bin/python3.1[0-9] "$HOME"/.pyenv/versions/3.*/bin/python; do
    [ -x "$python" ] || continue
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    [ "${version#3.}" -ge 9 ] || continue
    case $seen in *" $version "*) continue ;; esac
    seen="$seen$version "
    echo "$python"
  done
}

# venv PYTHON NAME: its path. Debian's has torch, NumPy and Pillow; the others have what pip installed.
venv() {
  local path="$folder/$2" system=()
  [ "$1" = /usr/bin/python3 ] && [ -z "$torch" ] && system=(--system-site-packages)
  [ -x "$path/bin/python" ] || "$1" -m venv "${system[@]}" "$path"
  echo "$path/bin/python"
}

build=$(venv /usr/bin/python3 venv-build)
[ -z "$torch" ] || "$build" -m pip install --quiet "$torch" numpy
if [ ${#isolation[@]} -gt 0 ] && ! "$build" -c 'import scikit_build_core' 2>/dev/null; then
  "$build" -m pip install --disable-pip-version-check --quiet "scikit-build-core>=0.10" || {
    echo "Note: scikit-build-core cannot be installed; nobody builds the wheel of the Python package."
    exit 0
  }
fi

# make_wheel FOLDER [OPTION...]: compiled as the job release compiles, so that ccache has the objects.
make_wheel() {
  rm -rf "$1"
  "$build" -m pip wheel --disable-pip-version-check --quiet --no-deps "${isolation[@]}" "${@:2}" \
    --config-settings=cmake.define.CMAKE_COMPILE_WARNING_AS_ERROR=ON --wheel-dir "$1" ./python
}

make_wheel "$folder/wheel"
wheel=$(echo "$folder"/wheel/checkrob-*.whl)
"$build" tests/python/wheel.py "$wheel"

echo "== without libtorch"
make_wheel "$folder/bare" --config-settings=cmake.define.CHECKROB_SHIM=OFF
"$build" tests/python/wheel.py "$folder"/bare/checkrob-*.whl --without-libtorch >"$folder/bare/contents"
tail -n 1 "$folder/bare/contents"
"$build" -m pip install --quiet --no-deps --target "$folder/bare/package" "$folder"/bare/checkrob-*.whl
said=$(cd "$folder" && PYTHONPATH=bare/package "$build" -c 'import sys, checkrob; checkrob.open(sys.argv[1])' \
  "$OLDPWD/examples/planted/model.pt" 2>&1) && { echo "A package without libtorch opened a model"; exit 1; }
grep -q "there is no worker to run the model" <<<"$said" || { echo "$said"; exit 1; }

while read -r python; do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  installed=$(venv "$python" "venv-$version")
  [ -z "$torch" ] || [ "$python" != /usr/bin/python3 ] || "$installed" -m pip install --quiet "$torch" numpy
  "$installed" -m pip install --quiet --no-deps --force-reinstall "$wheel"
  echo "== Python $version"
  for test in "${tests[@]}"; do
    code=0
    # Outside the project, so that the installed package is the one that is tested.
    (cd "$folder" && "$installed" -X faulthandler "$OLDPWD/$test" >"$folder/test.log" 2>&1 </dev/null) || code=$?
    [ $code -eq 0 ] || [ $code -eq 77 ] || { cat "$folder/test.log"; echo "$test with Python $version: exit code $code"; exit 1; }
    echo "$(basename "$test"): $([ $code -eq 0 ] && echo passed || echo skipped)"
  done
done < <(pythons)
