#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rows, pools, layers and float16 agree with the hooks of the same network in eager PyTorch.
. "$LIB"

need torch numpy PIL
hooks() { "$PYTHON" "$COMMON/extract_matches_hooks/hooks.py" "$@"; }
extract() { checkrob extract --model m.pt --images images --preprocess p.json --batch 8 "$@"; }

hooks make
extract --out plain.npy --layer 0
cat plain.failed.csv
hooks compare plain 0 none
extract --out mean.npy --layer 0,0.3,3 --pool mean 2> /dev/null
hooks compare mean 0 mean mean.0
hooks compare mean 0.3 mean mean.0.3
hooks compare mean 3 none mean.3
extract --out max.npy --layer 0.1 --pool max 2> /dev/null
hooks compare max 0.1 max
extract --out half.npy --layer 0 --dtype f16 2> /dev/null
"$PYTHON" -c 'import numpy as n; assert n.array_equal(n.load("half.npy"), n.load("plain.npy").astype(n.float16))'
