#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of compare, whole.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
: > empty

exits 2 checkrob compare
exits 2 checkrob compare a
exits 2 checkrob compare a a a
exits 1 checkrob compare a nowhere
exits 1 checkrob compare empty a
