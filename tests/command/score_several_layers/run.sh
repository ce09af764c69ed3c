#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several layers in one map, 'auto' among them.
. "$LIB"

take_scenes boot_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out o --layer features.3,auto --combine max > /dev/null
values o/summary.json options.layer options.layer_used options.combine
columns o/images.csv image,rs
