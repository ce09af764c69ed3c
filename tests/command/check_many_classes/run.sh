#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A class map of a million classes is counted in seconds. Each class was once inserted in a sorted list: minutes.
. "$LIB"

voc_tree
"$PYTHON" -c 'print("name,index"); [print(f"n{9999999 - i},{i}") for i in range(1000000)]' >many.csv
ulimit -t 30
exits 5 checkrob check --dataset voc --images VOC2012 --classes many.csv
