#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Submits a run to Slurm: an array job with a task for each shard, and a job that merges them.
#
# usage: SPEC=run.json RESULTS=/shared/results SHARDS=64 slurm.sh [OPTION OF SBATCH]...
#
# AT_ONCE: how many tasks may run at the same time (default: as many as Slurm starts). ONLY: the tasks to submit, such
# as 3,17 after merge.sh named these (default: all).
set -euo pipefail
: "${SPEC:?set it to the run specification}" "${SHARDS:?set it to the number of shards}"
: "${RESULTS:?set it to a folder that all machines share}"
SCALE=$(cd "$(dirname "$0")" && pwd) # Slurm runs a copy of the job script, elsewhere
export SCALE SPEC SHARDS RESULTS
mkdir -p "$RESULTS/logs"

tasks=${ONLY:-1-$SHARDS}${AT_ONCE:+%$AT_ONCE}
shards=$(sbatch --parsable --array="$tasks" --output="$RESULTS/logs/%a.txt" "$@" "$SCALE/shards.sbatch")
shards=${shards%%;*} # JOB;CLUSTER
# afterany: merge.sh names the shards that failed. A task that was requeued has not ended.
merge=$(sbatch --parsable --dependency="afterany:$shards" --output="$RESULTS/logs/merge.txt" "$@" "$SCALE/merge.sbatch")
echo "job $shards scores the shards, job ${merge%%;*} merges them to $RESULTS/results.sqlite"
