#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGTERM in the middle: the pictures until then are on a whole contact sheet, and no part of a file stays.
. "$LIB"

"$CHECKROB" explain "${model[@]}" "${scenes[@]}" "${classes[@]}" --class coat --method smoothgradcam++ --noise-samples 1500 \
  --out d > out &
run=$!
until [ -e d/class-4-002.png ]; do
  kill -0 $run || die "it ended before it was interrupted"
  sleep 0.02
done
kill -TERM $run
code=0
wait $run || code=$?
echo "exit code $code"
count=$(ls d/class-4-*.png | wc -l)
[ "$count" -ge 2 ] && [ "$count" -lt 20 ] || die "$count pictures"
[ "$(tail -n +2 d/pictures.csv | wc -l)" -eq "$count" ] || die "the list has other pictures"
ls d | grep -v class-
