#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a terminal of 80 and of 200 columns shows, and what a pipe gets: tables, colours, messages, progress.
. "$LIB"
. "$COMMON/screen.sh"
command -v tmux > /dev/null || skip "there is no tmux"

printf '%s\n' name,index,title 'bag,8,"handbag of any colour, or a rucksack with straps"' \
  'boot,9,"ankle boot, boot"' coat,4,上着と外套 > classes.csv
take_scenes bag_000 bag_001 boot_000 boot_001 coat_000 coat_001
score=("$CHECKROB" score "${model[@]}" "${own[@]}" --classes classes.csv --out o)
checkrob score "${model[@]}" "${own[@]}" --classes classes.csv --out o > /dev/null

echo "== 80 columns"
screen 80 "${score[@]}"
echo "== 80 columns, --wide"
screen 80 "${score[@]}" --wide | sed -n 1,5p
echo "== 40 columns"
screen 40 "${score[@]}" | sed -n 1,5p
echo "== 200 columns"
screen 200 "${score[@]}" | sed -n 1,4p
echo "== colours"
few=(--verdict min_images=2)
colours=1 screen 80 "${score[@]}" "${few[@]}" | grep -o $'\e\[[0-9;]*38;5;[0-9]*m[a-z ]*[a-z]' | tr '\e' E | sort -u
NO_COLOR=1 "${score[@]}" "${few[@]}" --color always | grep -c $'\e\[0m' || true
echo "== none are wanted"
no_color=1 colours=1 screen 80 "${score[@]}" "${few[@]}" | grep -c $'\e\[[0-9;]*38' || true
colours=1 screen 80 "${score[@]}" "${few[@]}" --color never | grep -c $'\e\[[0-9;]*38' || true
echo "== a pipe has no colours, and whole lines"
"${score[@]}" | grep -c $'\e' || true
COLUMNS=60 "${score[@]}" | sed -n 1,2p
echo "== messages are wrapped, on a terminal alone"
screen 60 "$CHECKROB" score --dataset vok
exits 2 checkrob score --dataset vok
echo "== quiet"
checkrob "${score[@]:1}" --quiet
screen 80 "${score[@]}" --quiet
echo "== a sign of life, removed afterwards"
script -qec "$(printf '%q ' "${score[@]}") > /dev/null" record > /dev/null
grep -o 'loading the model\|listing the data\|setting up' record | uniq
"${score[@]}" 2> err > /dev/null
wc -c < err
echo "== help"
screen 80 "$CHECKROB" merge --help | sed -n 1,3p
