#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures a model on a copy of ImageNet-9: accuracy in nine classes on each variant, and BG-gap. Prints Markdown.
#
# Usage: tests/bench/imagenet9/run.sh MODEL PREPROCESS BG_CHALLENGE_FOLDER MAP [checkrob extract option]...
#   MODEL                TorchScript archive
#   PREPROCESS           imagenet, paper, or a JSON file
#   BG_CHALLENGE_FOLDER  the unpacked data: original/val/00_dog ..., mixed_same/val ..., mixed_rand/val ...
#   MAP                  in_to_in9.json of MadryLab/backgrounds_challenge; - for a model with nine outputs
#   CHECKROB_COMMAND     the command (default: build/bin/checkrob)
#   CHECKROB_OUT         a folder for the logits (default: a temporary one)
# Without --layer, the logits are the output of the last layer that has as many outputs as the model.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '3,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d' >&2; exit 2; }
model=$1 preprocess=$2 data=$3 map=$4
shift 4
here=$(dirname "$0")
command=${CHECKROB_COMMAND:-$here/../../../build/bin/checkrob}
python=${CHECKROB_PYTHON:-/usr/bin/python3}

if [ -n "${CHECKROB_OUT:-}" ]; then
  out=$CHECKROB_OUT
  mkdir -p "$out"
else
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi

for variant in mixed_same mixed_rand; do
  [ -d "$data/$variant/val" ] || { echo "imagenet9: $data has no folder $variant/val; name the folder that has it" >&2; exit 1; }
done

layer=()
if [[ " $* " != *" --layer"[\ =]* ]]; then
  "$command" layers --model "$model" --preprocess "$preprocess" >"$out/layers.txt"
  path=$(awk '/ layers, [0-9]+ outputs$/ { outputs = $3 }
              /^[-+*] / { path[++n] = $2; shape[n] = $4 }
              END { while (n && shape[n] !~ "^1x" outputs "(x1)*$") n--; print path[n] }' "$out/layers.txt")
  [ -n "$path" ] || { echo "imagenet9: no layer of $model outputs the logits; add --layer PATH" >&2; exit 1; }
  layer=(--layer "$path")
  echo "imagenet9: logits of the layer $path" >&2
fi

variants=()
for variant in original only_bg_b only_bg_t no_fg only_fg mixed_same mixed_rand mixed_next; do
  [ -d "$data/$variant/val" ] || continue
  echo "imagenet9: $variant" >&2
  rm -f "$out/$variant.failed.csv"
  "$command" extract --model "$model" --preprocess "$preprocess" --images "$data/$variant/val" \
    --out "$out/$variant.npy" "${layer[@]}" "$@" >&2
  variants+=("$variant")
done
"$python" "$here/in9.py" "$data" "$out" "$map" "$preprocess" "${variants[@]}"
