#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A merge that fills the disk leaves nothing, and says what to do.
. "$LIB"

need root
mkdir disk
mount -t tmpfs -o size=96k tmpfs disk 2> /dev/null || skip "a file system can't be mounted here"
trap 'umount disk' EXIT

take_scenes coat_000 boot_000
score() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@" > /dev/null; }
score --out a --shard 1/2
score --out b --shard 2/2
exits 1 checkrob merge a b --out disk/m.sqlite
ls disk
