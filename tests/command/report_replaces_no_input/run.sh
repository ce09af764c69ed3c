#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Neither a report, a comparison nor a file of the gate replaces results or images, not through a link either.
. "$LIB"

take_scenes coat_000 boot_000
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o > /dev/null
cp -r o p
cp -r o kept
cp -r images kept_images
ln -s o/results.sqlite results.html
ln -s images/coat_000.png image.html
ln -s "$WORK/p/results.sqlite" before.json

exits 2 checkrob report o --out results.html
exits 2 checkrob report o --out image.html
exits 1 checkrob report o p --out x.html --fail-on robust --json before.json
exits 1 checkrob compare o p --as comparison.csv --out p/results.sqlite
exits 1 checkrob compare o p --as comparison.csv --out before.json
exits 1 checkrob gate o --baseline p --fail-on robust --json before.json
exits 1 checkrob gate o --fail-on robust --json o/results.sqlite
cmp o/results.sqlite kept/results.sqlite
cmp p/results.sqlite kept/results.sqlite
diff -r images kept_images

# A link to a page, or to what is no file, is followed.
echo old > page.html
ln -s page.html link.html
checkrob report o --out link.html > /dev/null
head -n 1 page.html
