#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --strict stops at the first sample that fails, also at one that an earlier run stored.
. "$LIB"

bad_images
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o "$@" > /dev/null; }

exits 1 score --strict
score
exits 1 score --strict
