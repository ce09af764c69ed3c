#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An extraction that can't write its array reports no array, and leaves no list of its rows.
. "$LIB"

take_scenes boot_000 coat_000 bag_001
echo "no picture" > images/broken.jpg
trap '' XFSZ # a file larger than the limit is an error of the write
extract() { (ulimit -f 100 && checkrob extract "${model[@]}" --images images "$@"); }

exits 1 extract --layer features.3 --out a.npy
exits 1 extract --layer features.3,features.0 --pool none --out b.npy --batch 1
ls
extract --layer features.3 --pool mean --out c.npy 2> /dev/null
ls
