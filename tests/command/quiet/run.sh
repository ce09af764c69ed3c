#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --quiet: nothing is printed but warnings and errors, and the exit codes are the same.
. "$LIB"

bad_images
exits 5 checkrob check "${own[@]}" "${classes[@]}" --quiet
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o --quiet 2> warnings
grep -c warning warnings
checkrob merge o --out m.sqlite --quiet
checkrob compare o m.sqlite --quiet
checkrob extract "${model[@]}" --images images --out e.npy --pool mean --quiet 2> warnings
checkrob explain "${model[@]}" --image images/coat_000.png --class-index 4 --out x.png --quiet
ls m.sqlite e.npy x.png
