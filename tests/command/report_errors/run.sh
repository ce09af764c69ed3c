#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What report refuses.
. "$LIB"

take_scenes coat_000 boot_000
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o > /dev/null
exits 2 checkrob report --out x.html
exits 2 checkrob report o
exits 2 checkrob report o o o --out x.html
exits 2 checkrob report o --out x.htm
exits 2 checkrob report o --out x.html --pictures-per-class 101
exits 2 checkrob report o --out x.html --only-new
exits 2 checkrob report o --out x.html --fail-if "nonsense >"
exits 1 checkrob report nothing --out x.html
exits 1 checkrob report o nothing --out x.html
exits 1 checkrob report o --out no/such/folder/x.html
exits 1 checkrob report o --out x.html --pictures images
exits 1 checkrob report o --out no/folder/x.html --pictures pictures
echo no > pictures.txt
exits 1 checkrob report o --out x.html --pictures pictures.txt
ls -- *.html 2> /dev/null || true
