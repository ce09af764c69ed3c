#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of merge, whole.
. "$LIB"

take_scenes coat_000 boot_000
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@" > /dev/null; }

score --out a --shard 1/2
score --out b --shard 2/2
score --out c --shard 2/2 --method gradcam
score --out d --shard 2/2 --verdict min_images=21
: > text
exits 2 checkrob merge
exits 2 checkrob merge --out m.sqlite
exits 2 checkrob merge a b
exits 1 checkrob merge a b --out text
exits 1 checkrob merge a text --out m.sqlite
exits 1 checkrob merge a nowhere --out m.sqlite
exits 1 checkrob merge a c --out m.sqlite
exits 1 checkrob merge a d --out m.sqlite
exits 1 checkrob merge a a --out m.sqlite
exits 1 checkrob merge a --from nowhere.txt --out m.sqlite
exits 1 checkrob merge --from text --out m.sqlite
printf '# the shards\n\na\n' >list.txt
exits 1 checkrob merge --from list.txt --out m.sqlite
exits 1 checkrob merge --from a/results.sqlite --out m.sqlite
exits 1 checkrob merge --from . --out m.sqlite
[ ! -e m.sqlite ] || die "an error left a file behind"
