#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command's computing threads sleep soon, unless the user's environment says how they wait.
# Usage: check_waiting.sh CHECKROB
set -euo pipefail
checkrob=$1
unset OMP_WAIT_POLICY GOMP_SPINCOUNT

planted=$(realpath "$(dirname "$0")/../../examples/planted")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$planted/scenes/images/boot_000.png" "$folder"
model=(--model "$planted/model.pt" --preprocess "$planted/preprocess.json")
score=(score "${model[@]}" --classes "$planted/classes.csv" --dataset voc --images "$folder" --annotations "$planted/scenes/annotations"
       --dry-run)

# expect TEXT COMMAND...: libgomp prints its settings when it is loaded, with the model.
expect() {
  local text=$1 printed
  shift
  printed=$(OMP_DISPLAY_ENV=verbose "$@" 2>&1 >/dev/null | grep GOMP_SPINCOUNT || true)
  [ -n "$printed" ] || { echo "skipped: libtorch's threads are not libgomp's"; exit 77; }
  [[ $printed == *"$text"* ]] || { echo "$*: $printed, expected $text"; exit 1; }
}
expect "'1000'" "$checkrob" "${score[@]}"
expect "'1000'" "$checkrob" explain "${model[@]}" --image "$folder/boot_000.png" --class-index 0 --out "$folder/o.png"
expect "'1000'" "$checkrob" extract "${model[@]}" --images "$folder" --out "$folder/o.npy"
expect "'7'" env GOMP_SPINCOUNT=7 "$checkrob" "${score[@]}"
expect "'0'" env OMP_WAIT_POLICY=passive "$checkrob" "${score[@]}"
expect "'300000'" "$checkrob" layers "${model[@]}"
# A worker that another program starts has the same.
expect "'1000'" "$checkrob" layers "${model[@]}" --worker always
expect "'7'" env GOMP_SPINCOUNT=7 "$checkrob" layers "${model[@]}" --worker always

# Arguments and environment arrive as they are; so does an empty one.
out=$("$checkrob" explain "--image=a  b" "" 2>&1 || true)
[[ $out == *" is missing"* || $out == *"is no option"* ]] || { echo "$out"; exit 1; }
env -i "$checkrob" score --help >/dev/null
linker=$(readelf -l "$checkrob" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
"$linker" "$checkrob" score --help >/dev/null
# A command that waits for a reader can be looked at. GOMP_SPINCOUNT is in its environment once all settings are.
mkfifo "$folder/fifo.png"
environment_of() {
  local environment= process tries
  "$@" "$checkrob" explain "${model[@]}" --image "$folder/boot_000.png" --class-index 0 --out "$folder/fifo.png" >/dev/null 2>&1 &
  process=$!
  for ((tries = 0; tries < 1000; tries++)); do
    environment=$(tr '\0' '\n' <"/proc/$process/environ")
    [[ $environment == *GOMP_SPINCOUNT=* ]] && break
    sleep 0.02
  done
  echo "$environment"
  cat "$folder/fifo.png" >/dev/null
  wait $process
}
unset OPENBLAS_THREAD_TIMEOUT MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_ MALLOC_TOP_PAD_ GLIBC_TUNABLES
for setting in OPENBLAS_THREAD_TIMEOUT=4 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 \
  MALLOC_TOP_PAD_=67108864; do
  environment_of env | grep -qx "$setting" || { echo "$setting is not set"; exit 1; }
done
[ "$(environment_of env MALLOC_TOP_PAD_=0 OPENBLAS_THREAD_TIMEOUT=20 | grep -c 'PAD_=0\|TIMEOUT=20\|PAD_=6\|TIMEOUT=4')" = 2 ]
[ "$(environment_of env GLIBC_TUNABLES=glibc.malloc.tcache_count=7 | grep -c MALLOC_)" = 0 ]

echo "memory stays with the process; threads sleep after 1000 turns, and otherwise by OMP_WAIT_POLICY and GOMP_SPINCOUNT"
