#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The spurious features of the planted example, and the pictures that show them.
. "$LIB"

checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --features --out a > /dev/null
checkrob features a --out sheets > table
sed 1,2d table | awk 'NF > 5 && $2 ~ /^[0-9]+$/ { print $1 }' | sort -u | grep -xE 'coat|pullover|shirt|tshirt'
# The planted emblem of coats is off the object. Without both of its strongest features the surroundings are not taken
# for a coat any more.
awk '$1 == "coat" && $2 == "both" && $3 > 0.5 && $5 < 0.3 { print "coats are found by their surroundings, and not without" }' table
for sheet in sheets/*.png; do
  [ "$(head -c 4 "$sheet" | tail -c 3)" = PNG ] || die "$sheet is no PNG"
done
[ -f sheets/class-4-feature-5.png ] || [ -f sheets/class-4-feature-7.png ] || die "no sheet of coats"
all=$(checkrob features a --all | wc -l)
[ "$all" -gt 50 ] || die "$all features"
checkrob export a --as features.csv
head -1 features.csv
# The same run once more asks nobody, and has the same features.
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --features --out a > /dev/null
checkrob export a --as features.csv --out again.csv
cmp features.csv again.csv
# Results that were moved: the command line says where the data are.
mkdir moved
cp a/results.sqlite moved
exits 2 checkrob features moved --out other
checkrob features moved "${classes[@]}" "${scenes[@]}" --preprocess "$PLANTED/preprocess.json" --out other > again
diff <(head -n -1 table) <(head -n -1 again)
diff -r sheets other
# Options replace those of the record; photos are found by their names, and those that are gone are counted.
take_scenes coat_000 coat_001
checkrob features a --images images --annotations annotations --out gone 2>&1 | tail -1 | sed 's/^[0-9]* contact/N contact/'
mkdir empty
exits 1 checkrob features a --images empty --annotations annotations --out gone > /dev/null
# Inputs are not replaced.
exits 1 checkrob features a --images images --annotations annotations --out images > /dev/null
