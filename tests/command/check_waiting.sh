#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command's computing threads sleep soon, and memory stays with its process, unless the user's environment says
# something else.
# Usage: check_waiting.sh CHECKROB RECORD_SETTINGS, the module of record_settings.c
set -euo pipefail
checkrob=$1
recorder=$2
unset OMP_WAIT_POLICY GOMP_SPINCOUNT OPENBLAS_THREAD_TIMEOUT
unset MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_ MALLOC_TOP_PAD_ GLIBC_TUNABLES

planted=$(realpath "$(dirname "$0")/../../examples/planted")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$planted/scenes/images/boot_000.png" "$folder"
model=(--model "$planted/model.pt" --preprocess "$planted/preprocess.json")
score=(score "${model[@]}" --classes "$planted/classes.csv" --dataset voc --images "$folder" --annotations "$planted/scenes/annotations"
       --dry-run)

[[ $(ldd "$checkrob") != *libtorch* ]] || { echo "skipped: libtorch is loaded before the command starts"; exit 77; }

# expect TEXT COMMAND...: libgomp prints its settings when it is loaded, with the model.
expect() {
  local text=$1 printed
  shift
  printed=$(OMP_DISPLAY_ENV=verbose "$@" 2>&1 >/dev/null | sed -n '/GOMP_SPINCOUNT/p')
  [ -n "$printed" ] || { echo "skipped: libtorch's threads are not libgomp's"; exit 77; }
  [[ $printed == *"$text"* ]] || { echo "$*: $printed, expected $text"; exit 1; }
}
expect "'1000'" "$checkrob" "${score[@]}"
expect "'1000'" "$checkrob" layers "${model[@]}"
expect "'7'" env GOMP_SPINCOUNT=7 "$checkrob" "${score[@]}"
expect "'0'" env OMP_WAIT_POLICY=passive "$checkrob" "${score[@]}"
# A worker that another program starts has the same.
expect "'1000'" "$checkrob" layers "${model[@]}" --worker always
expect "'7'" env GOMP_SPINCOUNT=7 "$checkrob" layers "${model[@]}" --worker always


# settings [NAME=VALUE...]: the others, with this in the environment, on one line.
settings() {
  env "$@" LD_PRELOAD="$recorder" "$checkrob" --help 2>&1 >/dev/null | sed -n 's/^setting //p' | xargs
}
# same SETTINGS EXPECTED
same() { [ "$1" = "$2" ] || { echo "settings: $1, expected $2"; exit 1; }; }
same "$(settings)" "TRIM_THRESHOLD=1073741824 MMAP_THRESHOLD=33554432 TOP_PAD=67108864 TIMEOUT=4"
same "$(settings MALLOC_TOP_PAD_=0 OPENBLAS_THREAD_TIMEOUT=20)" "TRIM_THRESHOLD=1073741824 MMAP_THRESHOLD=33554432 TIMEOUT=20"
same "$(settings GLIBC_TUNABLES=glibc.malloc.tcache_count=7)" "TIMEOUT=4"

echo "memory stays with the process; threads sleep after 1000 turns, and otherwise by OMP_WAIT_POLICY and GOMP_SPINCOUNT"
