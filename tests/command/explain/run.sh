#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A picture of one image, with and without its annotation.
. "$LIB"

take_scenes coat_000
explain() { checkrob explain "${model[@]}" --image images/coat_000.png --class-index 4 "$@"; }

explain --annotations annotations --out boxes.png
explain --out plain.png
[ "$(head -c 4 boxes.png | tail -c 3)" = PNG ] || die "it is no PNG"
