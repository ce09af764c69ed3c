#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Merges the shards of a run to RESULTS/results.sqlite, and writes the tables beside it. If shards are missing, it merges
# the others, names the missing ones, and exits with 1: score these, and start it again.
#
# usage: merge.sh     (with the same SHARDS and RESULTS as shard.sh)
set -euo pipefail
: "${SHARDS:?set it to the number of shards}" "${RESULTS:?set it to the folder of the results}"

missing=()
list=$(mktemp)
trap 'rm -f "$list"' EXIT
for ((shard = 1; shard <= SHARDS; shard++)); do
  folder=$RESULTS/shards/$shard
  grep -qs '"complete": true' "$folder/summary.json" || missing+=("$shard")
  if [ -s "$folder/results.sqlite" ]; then echo "$folder/results.sqlite" >>"$list"; fi
done

if [ ! -s "$list" ]; then
  echo "nothing to merge: none of the $SHARDS shards in $RESULTS/shards has results" >&2
  exit 1
fi

# An earlier merge is replaced: all it contains is in the shards. A list and not arguments: a command line has an end.
rm -f "$RESULTS/results.sqlite"
checkrob merge --from "$list" --out "$RESULTS/results.sqlite"
for table in classes.csv images.csv; do
  checkrob export "$RESULTS/results.sqlite" --as "$table" --out "$RESULTS/$table"
done

if [ ${#missing[@]} -gt 0 ]; then
  IFS=,
  echo "not complete: ${#missing[@]} of $SHARDS shards: ${missing[*]}" >&2
  exit 1
fi
