#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of explain, whole.
. "$LIB"

take_scenes boot_000
explain() { checkrob explain "${model[@]}" --image images/boot_000.png --class-index 0 --out o.png "$@"; }

exits 2 checkrob explain --model m.pt
exits 2 explain --class-index -1
exits 2 explain --layer ''
exits 2 explain --combine sum
exits 2 explain --seed -1
exits 2 explain --noise-samples 0
exits 2 explain --layout chw
exits 2 explain --layout nchw:3
exits 2 explain --device tpu
exits 2 explain --out o.xml
exits 1 explain --class-index 10
exits 1 explain --image images/none.png
exits 1 explain --out nowhere/o.png
exits 1 explain --layer features.3,features.3
exits 1 explain --layer features.3 --layout tokens:1 # it has no tokens
exits 1 explain --method integrated-gradients --layer features.3
exits 1 explain --device cuda:99
