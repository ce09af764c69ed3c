#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command's computing threads sleep soon, unless the user's environment says how they wait.
# Usage: check_waiting.sh CHECKROB
set -euo pipefail
checkrob=$1
unset OMP_WAIT_POLICY GOMP_SPINCOUNT

# expect TEXT COMMAND...: libgomp prints its settings when it is loaded.
expect() {
  local text=$1 printed
  shift
  printed=$(OMP_DISPLAY_ENV=verbose "$@" 2>&1 >/dev/null | grep GOMP_SPINCOUNT || true)
  [ -n "$printed" ] || { echo "skipped: libtorch's threads are not libgomp's"; exit 77; }
  [[ $printed == *"$text"* ]] || { echo "$*: $printed, expected $text"; exit 1; }
}
for command in score explain extract; do
  expect "'1000'" "$checkrob" $command --help
done
expect "'7'" env GOMP_SPINCOUNT=7 "$checkrob" score --help
expect "'0'" env OMP_WAIT_POLICY=passive "$checkrob" score --help
expect "'300000'" "$checkrob" methods
expect "'300000'" "$checkrob"
expect "'300000'" "$checkrob" scores

# Arguments and environment arrive as they are; so does an empty one.
out=$("$checkrob" explain "--image=a  b" "" 2>&1 || true)
[[ $out == *" is missing"* || $out == *"is no option"* ]] || { echo "$out"; exit 1; }
env -i "$checkrob" score --help >/dev/null
linker=$(readelf -l "$checkrob" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
"$linker" "$checkrob" score --help >/dev/null
# A command that waits for its specification can be looked at.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/spec"
environment_of() {
  "$@" "$checkrob" score --spec "$folder/spec" >/dev/null 2>&1 &
  exec 3>"$folder/spec" # opens when the command reads
  tr '\0' '\n' <"/proc/$!/environ"
  exec 3>&-
  wait $! || true
}
unset OPENBLAS_THREAD_TIMEOUT MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_ MALLOC_TOP_PAD_ GLIBC_TUNABLES
for setting in OPENBLAS_THREAD_TIMEOUT=4 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 \
  MALLOC_TOP_PAD_=67108864; do
  environment_of env | grep -qx "$setting" || { echo "$setting is not set"; exit 1; }
done
[ "$(environment_of env MALLOC_TOP_PAD_=0 OPENBLAS_THREAD_TIMEOUT=20 | grep -c 'PAD_=0\|TIMEOUT=20\|PAD_=6\|TIMEOUT=4')" = 2 ]
[ "$(environment_of env GLIBC_TUNABLES=glibc.malloc.tcache_count=7 | grep -c MALLOC_)" = 0 ]

echo "memory stays with the process; threads sleep after 1000 turns, and otherwise by OMP_WAIT_POLICY and GOMP_SPINCOUNT"
