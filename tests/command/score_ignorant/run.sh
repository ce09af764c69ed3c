#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Networks that were never trained have no class with a good verdict, even with a threshold that any class passes.
. "$LIB"

need torch
"$PYTHON" "$COMMON/score_ignorant/networks.py"
printf '%s\n' name,index boot,1 bag,0 > two.csv

score() {
  checkrob score --preprocess "$PLANTED/preprocess.json" "${scenes[@]}" --layer 3 --verdict off_object=-1000,robust=-999 \
    "$@" > out
}

for seed in 0 1 2 3; do
  score --model "random$seed.pt" "${classes[@]}" --out "o$seed"
  columns "o$seed/classes.csv" verdict | sort | uniq -c | sed 's/^ *[0-9]* //'
done

echo "== two outputs, always the same answer"
score --model constant.pt --classes two.csv --skip-unmapped --out constant
columns constant/classes.csv class,acc,verdict,reason_code
