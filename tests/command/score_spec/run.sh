#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run is repeated from its summary.json; a specification is printed and read again.
. "$LIB"

take_scenes boot_000 coat_000 bag_001
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --method gradcam --top-k 2 --out first > /dev/null
checkrob score --spec first/summary.json --out second > /dev/null
agree first/images.csv second/images.csv 1e-4
agree first/classes.csv second/classes.csv 1e-4
checkrob score --spec first/summary.json --top-k 1 --out third > /dev/null
grep -c '"top_k": 1,' third/summary.json
checkrob score --batch 4 --method scorecam --print-spec > spec.json
cat spec.json
checkrob score --spec spec.json --seed 3 --print-spec
echo '{"batches": 4}' > wrong.json
exits 1 checkrob score --spec wrong.json
