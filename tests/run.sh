#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, and runs the jobs of tests/ci that fit in 40 minutes on two cores; or those that are named.
# By default the sanitizers run the tests of the rooms; `tests/run.sh sanitize thread` also those that run libtorch.
# Usage: tests/run.sh [JOB...]   for example tests/run.sh lint thread
set -euo pipefail
cd "$(dirname "$0")"

jobs=("$@")
[ ${#jobs[@]} -gt 0 ] || jobs=(lint release install "python build-python quick" capability fuzz "sanitize build-debug rooms" "thread build-thread rooms")
for job in "${jobs[@]}"; do
  start=$SECONDS
  echo "== $job"
  # shellcheck disable=SC2086 # a job's arguments
  ci/${job%% *}.sh ${job#"${job%% *}"}
  echo "== $job: passed in $((SECONDS - start)) s"
done
echo "All passed: ${jobs[*]}, in $SECONDS s."
