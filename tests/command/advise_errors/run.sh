#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of advise and data, whole.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
: > empty

for command in advise data; do
  exits 2 checkrob $command
  exits 2 checkrob $command a a
  exits 1 checkrob $command nowhere
  exits 1 checkrob $command empty
done
exits 1 checkrob advise a
checkrob data a
exits 1 checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out b --advice --layer features.2,features.3
