#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two results of the same images: what is compared, and which options differ.
. "$LIB"

score() { checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" "$@" > /dev/null; }

score --out a
score --out b --verdict off_object=999,robust=1000
checkrob compare a b
score --out a --verdict robust=0
echo "== robust before"
checkrob compare a/results.sqlite b/results.sqlite | grep 'robust, then doubtful'
