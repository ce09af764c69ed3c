#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Images that fool the planted example's network, made from what its probes found.
. "$LIB"

checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --probe verdict --out a > /dev/null
# The same network as the second one: an image that is made again fools it again.
checkrob attack a --out made --most 2 --second "$PLANTED/model.pt" > table
tail -n 2 table | sed -E 's/[0-9]+/N/g'
tail -n 2 table | awk 'NR == 1 { made = $1 } NR == 2 { print ($1 == made && made >= 8) ? "all of them" : "not all" }'
[ "$(ls made/*.png | wc -l)" -eq "$(($(wc -l < made/attack.csv) - 1))" ] || die "the list is not of the images"
head -1 made/attack.csv
for name in coat shirt; do grep -c "\"$name\"" made/attack.csv; done
[ "$(grep -c . table)" -gt 10 ] || die "no pairs"
checkrob export a --as pasted.csv
head -1 pasted.csv
# Without the photos there is nothing to be made from; and inputs are not replaced.
take_scenes coat_000 coat_001
exits 1 checkrob attack a --images images --annotations annotations --out gone > /dev/null
exits 1 checkrob attack a --images images --annotations annotations --out annotations > /dev/null
# With advice, objects keep their size; what is made again fools again.
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --advice --out b > /dev/null
checkrob attack b --out own --second "$PLANTED/model.pt" --most 2 | tail -1 > second
awk '{ print ($1 == $3 ? "all of them fool the same network again" : $0) }' second
