#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Representations are read out in the pass that scores: the same array as by extract, and the same scores as without.
. "$LIB"

take_scenes boot_000 coat_000 bag_001
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" "$@"; }

score --out plain > /dev/null
score --out both --extract both.npy --extract-layer features.3 --pool mean > /dev/null
agree plain/images.csv both/images.csv 1e-4
checkrob extract "${model[@]}" --images images --layer features.3 --pool mean --out alone.npy
cmp <(head -c 128 alone.npy) <(head -c 128 both.npy)
"$PYTHON" - alone.npy both.npy << 'END'
import array, sys
one, other = (array.array("f", open(name, "rb").read()[128:]) for name in sys.argv[1:])
print(len(one), len(other), all(abs(a - b) <= 1e-4 for a, b in zip(one, other)))
END
cut -d, -f1-2 both.csv
# Rows of an earlier run would be missing in the array.
exits 1 score --out both --extract both.npy
# The list of its rows is never a file of the results, by whatever name.
ln -s both link
ln both/results.sqlite other.npy
exits 1 score --out both --restart --extract both/images.npy
exits 1 score --out both --restart --extract link/../both/classes.npy
exits 1 score --out both --restart --extract other.npy
ls both
