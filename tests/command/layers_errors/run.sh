#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of layers, whole.
. "$LIB"

echo "not an archive" > text.pt

exits 2 checkrob layers
exits 2 checkrob layers "${model[@]}" extra
exits 2 checkrob layers "${model[@]}" --layout chw
exits 1 checkrob layers --model missing.pt
exits 1 checkrob layers --model text.pt
exits 1 checkrob layers --model "$PLANTED/model.pt" --preprocess nowhere
