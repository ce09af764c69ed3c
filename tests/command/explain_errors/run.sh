#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of explain, whole.
. "$LIB"

take_scenes boot_000
explain() { latest explain "${model[@]}" --image images/boot_000.png --class-index 0 --out o.png "$@"; }

exits 2 checkrob explain --model m.pt
exits 2 explain --class-index -1
exits 2 explain --layer ''
exits 2 explain --combine sum
exits 2 explain --seed -1
exits 2 explain --noise-samples 0
exits 2 explain --layout chw
exits 2 explain --layout nchw:3
exits 2 explain --device tpu
exits 2 explain --out o.xml
exits 1 explain --class-index 10
exits 1 explain --image images/none.png
exits 1 explain --out nowhere/o.png
exits 1 explain --layer features.3,features.3
exits 1 explain --layer features.3 --layout tokens:1 # it has no tokens
exits 1 explain --method integrated-gradients --layer features.3
exits 1 explain --device cuda:99
# Several images, classes and pictures.
checkrob explain "${model[@]}" --image images/boot_000.png --image images/none.png --class-index 0 --out s.png > /dev/null
data=("${own[@]}" "${classes[@]}")
exits 2 checkrob explain --image images/boot_000.png --class-index 0 --out o.png
exits 2 checkrob explain "${model[@]}" --out o.png
exits 2 checkrob explain "${model[@]}" "${data[@]}" --out o.png
exits 2 checkrob explain "${model[@]}" "${own[@]}" --class boot --out o.png
exits 2 checkrob explain "${model[@]}" --image images/boot_000.png --class boot --out o.png
exits 2 checkrob explain "${model[@]}" --image a.png --image b.png --class-index 0 --annotations annotations/boot_000.xml --out o.png
exits 2 checkrob explain a b --class boot --out o.png
exits 2 checkrob explain "${model[@]}" --class-index 0 --class-index 1 --out o.png
exits 2 checkrob explain "${model[@]}" --spec a.json --spec b.json
exits 2 checkrob explain "${model[@]}" --batch 1 --batch 2
for top in worst worst:0 worst:257 lowest:3 best:x; do exits 2 checkrob explain "${model[@]}" "${data[@]}" --top $top --out o.png; done
exits 2 explain --alpha 1.5
exits 2 explain --alpha half
exits 2 explain --colour-map jet
exits 2 explain --outlines maybe
exits 2 explain --outline-colour green
exits 2 explain --outline-thickness -1
exits 1 checkrob explain nowhere --class boot --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --class boots --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --class-index 77 --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --class bag --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --image bag_000.png --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --image boot_000.png --class bag --out o.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --class boot --out images
exits 3 checkrob explain "${model[@]}" --image images/none.png --image images/nothing.png --class-index 0 --out s.png
exits 3 checkrob explain "${model[@]}" --images images --class-index 0 --top worst:1 --out s.png
halve images/boot_000.png
exits 1 checkrob explain "${model[@]}" "${data[@]}" --class boot --out o.png
[ -z "$(ls ./*.part 2> /dev/null)" ] || die "a part of a file is left"
