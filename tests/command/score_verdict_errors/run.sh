#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message for a wrong --verdict, whole.
. "$LIB"

take_scenes coat_000
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out o "$@"; }

exits 2 score --verdict robustness=1
exits 2 score --verdict robust
exits 2 score --verdict ''
exits 2 score --verdict robust=much
exits 2 score --verdict robust=nan
exits 2 score --verdict level=1
exits 2 score --verdict robust=-2
exits 2 score --verdict off_object=0.5
