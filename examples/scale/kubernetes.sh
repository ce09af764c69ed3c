#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the two jobs on Kubernetes: shards.yaml, and merge.yaml once no shard is left to score. Set image, volume, sizes
# and the number of shards in these two files.
#
# usage: SPEC=run.json kubernetes.sh
set -euo pipefail
: "${SPEC:?set it to the run specification}"
scale=$(cd "$(dirname "$0")" && pwd)

# The same scripts as for Slurm, and the run specification, as files in /scale.
kubectl create configmap checkrob-scale --from-file=shard.sh="$scale/shard.sh" --from-file=merge.sh="$scale/merge.sh" \
  --from-file=run.json="$SPEC" --dry-run=client --output=yaml | kubectl apply -f -

# Waits until the job has ended, and succeeds if it is complete. A condition that is not True yet is none.
ended() {
  local conditions
  while true; do
    conditions=$(kubectl get job "$1" --output='jsonpath={.status.conditions[?(@.status=="True")].type}')
    case " $conditions " in
      *" Complete "*) return 0 ;;
      *" Failed "*) return 1 ;;
    esac
    sleep "${POLL:-10}"
  done
}

# A job cannot be started twice; its shards resume.
kubectl delete job checkrob-shards checkrob-merge --ignore-not-found
kubectl apply -f "$scale/shards.yaml"
ended checkrob-shards || echo "some shards failed: kubectl describe job checkrob-shards" >&2
kubectl apply -f "$scale/merge.yaml"
code=0
ended checkrob-merge || code=1
kubectl logs job/checkrob-merge
exit "$code"
