#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Stored results of other options are not mixed with new ones: an error that says which options.
. "$LIB"

take_scenes coat_000 boot_000
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o "$@" > /dev/null; }

score
exits 1 score --method gradcam
exits 1 score --regions boxes # also where they make the same samples
score --restart --method gradcam
values o/summary.json options.method
