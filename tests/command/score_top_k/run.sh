#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# With as many highest logits as the model has outputs, every sample counts as recognised.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --top-k 9 --out nine > /dev/null
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --top-k 10 --out ten > /dev/null
