#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of features, whole.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
: > empty

exits 2 checkrob features
exits 2 checkrob features a a
exits 1 checkrob features a
exits 1 checkrob features nowhere
exits 1 checkrob features empty
exits 1 checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out b --features --layer features.2,features.3
