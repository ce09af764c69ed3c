#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message for a wrong command line of score, whole.
. "$LIB"

score() { latest score "${model[@]}" "${classes[@]}" "${scenes[@]}" --out o "$@"; }

exits 2 checkrob score
exits 2 checkrob score --nonsense
exits 2 score extra
exits 2 score --batch 0
exits 2 score --top-k 0
exits 2 score --threads x
exits 2 score --profile papre
exits 2 score --method grad
exits 2 score --score loss
exits 2 score --reference grey
exits 2 score --combine sum
exits 2 score --seed -1
exits 2 score --noise-samples 0
exits 2 score --layer ''
exits 2 score --layout chw
exits 2 score --layout nchw:3
exits 2 score --device tpu
exits 2 score --shard 3/2
exits 2 score --ignore hard
exits 2 score --regions masks
exits 2 score --dataset tfrecord
exits 2 score --dataset yolo
[ ! -e o ] || die "a wrong command line made the output folder"
