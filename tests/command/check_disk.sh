#!/usr/bin/env bash
# A disk that fills up, and one that can't be written to: a sentence, and nothing lost. Mounts small file systems, for
# which it has to be root; else it is skipped (exit code 77).
# Usage: check_disk.sh CHECKROB PLANTED
set -euo pipefail
checkrob=$1 planted=$2
folder=$(mktemp -d)
trap 'umount "$folder/disk" 2> /dev/null || true; rm -rf "$folder"' EXIT
mkdir "$folder/disk" "$folder/images" "$folder/annots"
if ! mount -t tmpfs -o size=24m tmpfs "$folder/disk" 2> /dev/null; then
  echo "skipped: a file system can't be mounted here"
  exit 77
fi

# A long message in each row, so that a small disk fills up soon; links to the same few photos.
for i in $(seq 12); do
  for image in "$planted"/scenes/images/*.png; do
    name=$(basename "$image" .png)
    ln -s "$image" "$folder/images/$name-$i.png"
    ln -s "$planted/scenes/annotations/$name.xml" "$folder/annots/$name-$i.xml"
  done
done
score() {
  "$checkrob" score --model "$planted/model.pt" --preprocess "$planted/preprocess.json" --dataset voc \
    --images "$folder/images" --annotations "$folder/annots" --classes "$planted/classes.csv" --out "$1"
}
rows() { python3 -c "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM sample').fetchone()[0])" "$1"; }

score "$folder/whole" > /dev/null

head -c 24380k /dev/zero > "$folder/disk/filling"
code=0
score "$folder/disk/out" > /dev/null 2> "$folder/err" || code=$?
cat "$folder/err"
[ $code -eq 1 ] || { echo "exit code $code on a full disk"; exit 1; }
grep -q "the disk is full; what was written before is safe\|No space left" "$folder/err" || { echo "no sentence"; exit 1; }
before=$(rows "$folder/disk/out/results.sqlite" 2> /dev/null || echo 0)

rm "$folder/disk/filling"
score "$folder/disk/out" > "$folder/out"
cat "$folder/out" | tail -2
cmp "$folder/whole/images.csv" "$folder/disk/out/images.csv"
cmp "$folder/whole/classes.csv" "$folder/disk/out/classes.csv"
echo "full: $before rows were kept, and the same command line ended in the same tables"

mount -o remount,ro "$folder/disk"
code=0
score "$folder/disk/out" > /dev/null 2> "$folder/err" || code=$?
cat "$folder/err"
[ $code -eq 1 ] || { echo "exit code $code on a read-only disk"; exit 1; }
grep -q "can't be written to" "$folder/err" || { echo "no sentence"; exit 1; }
"$checkrob" export "$folder/disk/out/results.sqlite" --as classes.csv --out "$folder/read.csv"
cmp "$folder/whole/classes.csv" "$folder/read.csv"
echo "read-only: a sentence, and the results can be read"
