#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pool of images: which of them are taken for a class by one of its spurious features.
. "$LIB"

run=("${model[@]}" "${classes[@]}" "${scenes[@]}" --features --out a)
take_scenes dress_000 dress_001 bag_000 coat_000 coat_001
mv images pool
echo "no picture" > pool/words.jpg
checkrob score "${run[@]}" --attack-images pool 2>&1 | grep -E "pool"
checkrob attack a > table
head -2 table
[ "$(awk 'length > 80' table | wc -l)" -eq 0 ] || die "a line of the table is too long"
columns <(checkrob export a --as pool.csv --out pool.csv && cat pool.csv) image,status | sort
# With annotations: a coat that is taken for a coat is no attack.
checkrob score "${run[@]}" --attack-images pool --attack-dataset voc --attack-annotations annotations > said 2> /dev/null
grep -c "of the samples are an earlier run's" said
checkrob export a --as pool.csv
columns pool.csv image,class,shows | sort | grep coat_00
# The run's own images, and their pictures. The same network as the second one is fooled too.
checkrob score "${run[@]}" --attack-images own > /dev/null 2>&1
checkrob attack a --out made --most 3 --second "$PLANTED/model.pt" > table
tail -n 3 table | sed -E 's/[0-9]+/N/g'
tail -n 1 table | awk '{ print ($1 == $3 && $1 >= 1) ? "all of them" : "not all" }'
head -1 made/attack_pool.csv
[ "$(ls made/pool-*-*-[0-9][0-9].png | wc -l)" -eq "$(($(wc -l < made/attack_pool.csv) - 1))" ] || die "the list is not of the images"
for picture in made/*.png; do
  [ "$(head -c 4 "$picture" | tail -c 3)" = PNG ] || die "$picture is no PNG"
done
[ ! -e made/attack.csv ] || die "no image was pasted"
awk -F, '$6 != "0" && NR > 1' made/attack_pool.csv
# Images without an annotation are drawn too.
mkdir none
pool=(--attack-images "$PLANTED/scenes/images" --attack-dataset voc --attack-annotations none)
checkrob score "${run[@]}" "${pool[@]}" > /dev/null 2>&1
checkrob attack a --out bare --most 3 > said 2>&1
ls bare/pool-*-*-[0-9][0-9].png | wc -l | awk '{ print ($1 >= 1) ? "pictures of the bare pool" : "no pictures" }'
! grep "gone" said || die "an image is there, but was not drawn"
# A pool that was moved, is gone, or would be replaced.
checkrob score "${run[@]}" --attack-images pool > /dev/null 2>&1
mv pool elsewhere
exits 1 checkrob attack a --out gone > /dev/null
checkrob attack a --attack-images elsewhere --out there | tail -n 1
exits 1 checkrob attack a --attack-images elsewhere --out elsewhere > /dev/null
mkdir others
cp "$PLANTED/scenes/images/shirt_000.png" others
exits 1 checkrob attack a --attack-images others --out gone > /dev/null
# A run that names no pool keeps it, but does not record where it is.
checkrob score "${run[@]}" > /dev/null 2>&1
exits 2 checkrob attack a --out gone > /dev/null
exits 2 checkrob score "${run[@]}" --attack-images own --attack-dataset voc
exits 1 checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --attack-images own --out b
