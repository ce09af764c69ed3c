#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of attack, whole.
. "$LIB"

take_scenes coat_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
: > empty

exits 2 checkrob attack
exits 2 checkrob attack a a
exits 1 checkrob attack a
exits 1 checkrob attack nowhere
exits 1 checkrob attack empty
exits 2 checkrob attack a --most 0
exits 2 checkrob attack a --second "$PLANTED/model.pt"
mkdir moved
cp a/results.sqlite moved
exits 2 checkrob attack moved --out b
exits 1 checkrob attack a --out b --second empty
