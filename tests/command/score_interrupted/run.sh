#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGTERM in the middle of a run: what was computed stays, and the tables are whole.
. "$LIB"

mkdir images annotations
for i in $(seq 8); do
  for image in "$PLANTED"/scenes/images/*.png; do
    name=$(basename "$image" .png)
    ln -s "$image" "images/$name-$i.png"
    ln -s "$PLANTED/scenes/annotations/$name.xml" "annotations/$name-$i.xml"
  done
done

# Once the first rows are on the disk, the run has a thousand to go: a minute of work, for this script may be late.
"$CHECKROB" score "${model[@]}" "${own[@]}" "${classes[@]}" --method smoothgradcam++ --noise-samples 25 --out o > out &
run=$!
until [ "$(stat -c %s o/results.sqlite-wal 2> /dev/null || echo 0)" -ge 200000 ]; do
  kill -0 $run || die "the run ended before it was interrupted"
  sleep 0.02
done
kill -TERM $run
code=0
wait $run || code=$?
echo "exit code $code"
values o/summary.json complete
rows=$(($(wc -l < o/images.csv) - 1))
[ $rows -ge 19 ] && [ $rows -lt 1600 ] || die "$rows rows"
[ "$(tail -c 1 o/images.csv | wc -l)" -eq 1 ] || die "the last row is not whole"
