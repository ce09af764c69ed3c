#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A worker process computes, byte for byte, what the command's own process computes, by every kind of run of a model.
. "$LIB"

# both OUT COMMAND...: once in each kind of process, with the results in never/OUT and always/OUT.
both() {
  local out=$1 kind
  shift
  for kind in never always; do
    mkdir -p $kind
    checkrob "$@" --worker $kind --out $kind/"$out" > printed 2>&1 || die "$(cat printed)"
  done
}

take_scenes boot_000 boot_001 coat_000 coat_001 dress_000 dress_001
run=("${model[@]}" "${classes[@]}" "${own[@]}" --batch 4 --threads 1)
both score score "${run[@]}" --probe verdict --features
both e.npy extract "${model[@]}" --images images --layer features.3,auto --threads 1
for method in gradcam++ scorecam ablationcam integrated-gradients; do
  both $method.png explain "${model[@]}" --image images/boot_000.png --class-index 0 --steps 3 --annotations annotations --threads 1 \
    --method $method
done

for file in never/* never/score/*.csv; do
  if [ -f "$file" ]; then cmp "$file" always/"${file#never/}" && echo "${file#never/}"; fi
done
