#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The picture never replaces an input.
. "$LIB"

take_scenes coat_000
cp -r images before
explain() { checkrob explain "${model[@]}" --image images/coat_000.png --class-index 4 "$@"; }

exits 1 explain --out images/../images/coat_000.png
exits 2 explain --annotations annotations --out annotations/coat_000.xml
cmp before/coat_000.png images/coat_000.png
