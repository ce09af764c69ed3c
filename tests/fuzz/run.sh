#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the harnesses with clang, libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and runs each of them for
# some seconds, as many at once as there are processors (or $JOBS). What it finds is in build-fuzz/found. libFuzzer makes up
# the same inputs each time, as far as the time goes, or others with another $SEED.
# Usage: tests/fuzz/run.sh [SECONDS [HARNESS...]], by default 20 and all
. "$(dirname "$0")/../ci/common.sh"
seconds=${1:-20}
harnesses=("${@:2}")
[ ${#harnesses[@]} -gt 0 ] || mapfile -t harnesses < <(basename -a -s .c tests/fuzz/harness/*.c)
build=build-fuzz

# The limits of an input: time, one allocation, all memory. The harnesses limit processor time (fuzz.h); -timeout is for
# an input that waits for ever.
limits=(-timeout=300 -malloc_limit_mb=300 -rss_limit_mb=1024 -max_len=16384)

dictionary_of() {
  case $1 in
    coco | preprocess | specification) echo json ;;
    class_map | list | manifest) echo csv ;;
    masks) echo image ;;
    names) echo yolo ;;
    results_sql) echo sql ;;
    *) echo "$1" ;;
  esac
}

# fuzz HARNESS: one line of what it did.
fuzz() {
  local log=$build/logs/$1 dictionary start=$SECONDS folder
  local -a folders=("$build/corpus/$1") options=("${limits[@]}" -max_total_time="$seconds" -seed="${SEED:-18}" -print_final_stats=1)
  mkdir -p "${folders[0]}" "$build/found/$1"
  for folder in {tests/fuzz/seeds,tests/fuzz/found,$build/seeds}/"$1"; do
    [ ! -d "$folder" ] || folders+=("$folder")
  done
  dictionary=tests/fuzz/dictionaries/$(dictionary_of "$1").dict
  [ ! -e "$dictionary" ] || options+=(-dict="$dictionary")
  if "$build/tests/fuzz_$1" "${options[@]}" -artifact_prefix="$build/found/$1/" "${folders[@]}" >"$log" 2>&1; then
    echo "$1: $((SECONDS - start)) s, $(sed -n 's/.*number_of_executed_units: *//p' "$log") executions," \
      "$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)"
  else
    tail -40 "$log"
    echo "$1: FOUND SOMETHING: see $log and $build/found/$1; tests/fuzz/README.md says what to do next"
    return 1
  fi
}

cmake --preset fuzz -B $build >/dev/null
cmake --build $build --target fuzz_programs
mkdir -p $build/logs
"${CHECKROB_PYTHON:-/usr/bin/python3}" tests/fuzz/seeds.py $build/seeds
# The harnesses' files, in memory if possible; one that crashes does not remove its own.
memory=/dev/shm
[ -w $memory ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d -p "$memory")
trap 'rm -rf "$TMPDIR"' EXIT
export TMPDIR UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=quarantine_size_mb=16:${ASAN_OPTIONS:-}

failed=0 running=0
for harness in "${harnesses[@]}"; do
  [ $running -lt "${JOBS:-$(nproc)}" ] || {
    wait -n || failed=1
    running=$((running - 1))
  }
  fuzz "$harness" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit $failed
