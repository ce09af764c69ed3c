#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where no image can be read there is no array, not even an earlier run's.
. "$LIB"

take_scenes boot_000
extract() { checkrob extract "${model[@]}" --images images --out a.npy; }

extract
echo "no picture" > images/boot_000.png
exits 3 extract
ls
cat a.csv
