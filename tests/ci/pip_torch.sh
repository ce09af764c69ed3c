#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test on the libtorch of a pip package. Usage: tests/ci/pip_torch.sh [BUILD-FOLDER [REQUIREMENT]]
# By default build-pip, and the newest torch 2; for example "torch==2.13.0".
. "$(dirname "$0")/common.sh"
folder=${1:-build-pip}
requirement=${2:-torch>=2,<3}
need "${build_packages[@]}" "${test_packages[@]}" python3-venv python3-pip

python=$folder/venv/bin/python
[ -x "$python" ] || /usr/bin/python3 -m venv "$folder/venv"
"$python" -m pip install --quiet "$requirement" numpy
"$python" -c 'import torch; print("torch", torch.__version__)'

# A package built for CUDA asks for CUDA's toolkit, unless our own configuration takes its CPU part alone.
where=(-DCMAKE_PREFIX_PATH="$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')")
if "$python" -c 'import sys, torch; sys.exit(torch.version.cuda is None)'; then
  where=(-DTorch_DIR="$PWD/cmake/torch_cpu"
         -DTORCH_FOLDER="$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')")
fi
configure release "$folder/build" "${where[@]}"
cmake --build "$folder/build"
# That Python's torch is the library's own here, and Debian's is another build.
CHECKROB_OTHER_PYTHON=$(realpath -s "$python") run_tests "$folder/build"
