#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Scores one shard of a run. Started again, it resumes the shard where it was interrupted or killed.
#
# usage: shard.sh [I]     I: 1 to SHARDS; without it, the index that Slurm or Kubernetes gave this job
#
# SPEC: the run specification. SHARDS: how many there are. RESULTS: a folder that all machines share.
# THREADS: the cores of this job (default: all of the machine).
set -euo pipefail
: "${SPEC:?set it to the run specification}" "${SHARDS:?set it to the number of shards}"
: "${RESULTS:?set it to a folder that all machines share}"

# Slurm's tasks count from 1 here (--array=1-N), as shards do; Kubernetes' indexes count from 0.
shard=${1:-${SLURM_ARRAY_TASK_ID:-}}
if [ -z "$shard" ]; then
  : "${JOB_COMPLETION_INDEX:?no shard: give its number, or start this as an array job or an Indexed Job}"
  shard=$((JOB_COMPLETION_INDEX + 1))
fi

folder=$RESULTS/shards/$shard
mkdir -p "$folder"
checkrob score --spec "$SPEC" --shard "$shard/$SHARDS" --threads "${THREADS:-0}" --quiet --out "$folder" &
child=$!

# Both schedulers send SIGTERM some time before they kill. checkrob then stores its rows, and exits with 4. The signal
# also ends wait, so that it has to wait once more.
stopped=
trap 'stopped=yes; kill -TERM "$child" 2>/dev/null || true' TERM INT
code=0
wait "$child" || code=$?
while [ -n "$stopped" ] && [ "$code" -gt 128 ]; do
  stopped=
  code=0
  wait "$child" || code=$?
done

case $code in
  3) exit 0 ;; # No image of this shard could be evaluated: its rows say why, and the merged table counts them.
  4)
    echo "shard $shard of $SHARDS was interrupted; the same command resumes it" >&2
    if [ -n "${SLURM_ARRAY_JOB_ID:-}" ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
    ;;
esac
exit "$code"
