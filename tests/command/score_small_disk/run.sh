#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A disk that fills up, and one that can't be written to: an error message, and nothing is lost.
. "$LIB"

need root
mkdir disk images annotations
mount -t tmpfs -o size=24m tmpfs disk 2> /dev/null || skip "a file system can't be mounted here"
trap 'umount disk' EXIT

# A long message in each row, so that a small disk fills up soon; links to the same few photos.
for i in $(seq 12); do
  for image in "$PLANTED"/scenes/images/*.png; do
    name=$(basename "$image" .png)
    ln -s "$image" "images/$name-$i.png"
    ln -s "$PLANTED/scenes/annotations/$name.xml" "annotations/$name-$i.xml"
  done
done
score() { checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out "$1"; }

score whole > /dev/null

head -c 24380k /dev/zero > disk/filling
exits 1 score disk/out > /dev/null 2> err
grep -q "the disk is full; what was written before\|No space left" err || die "no error message: $(cat err)"
rm disk/filling
score disk/out | grep evaluated
cmp whole/images.csv disk/out/images.csv
cmp whole/classes.csv disk/out/classes.csv

mount -o remount,ro disk
exits 1 score disk/out > /dev/null 2> err
grep -q "is not writable" err || die "no error message: $(cat err)"
checkrob export disk/out/results.sqlite --as classes.csv --out read.csv
cmp whole/classes.csv read.csv
