#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Arrays, the rows' images, and the images that failed.
. "$LIB"

take_scenes boot_000
echo "no picture" > images/broken.jpg
extract() { checkrob extract "${model[@]}" --images images "$@"; }

extract --out a.npy --pool mean
cat a.csv a.failed.csv
extract --out b.npy --layer features.3,auto --dtype f16
ls
head -c 128 b.features.3.npy | tail -c +11
