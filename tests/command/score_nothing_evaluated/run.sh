#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run without one evaluated sample has its own exit code.
. "$LIB"

take_scenes coat_002
: > images/coat_002.png
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o
