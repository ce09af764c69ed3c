#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A shard without an image is no error.
. "$LIB"

manifest > m.csv
checkrob score "${model[@]}" "${classes[@]}" --dataset manifest --images "$PLANTED/scenes/images" --annotations m.csv \
  --out o --shard 201/300
wc -l < o/images.csv
