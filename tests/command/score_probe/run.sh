#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Probes: the planted classes depend on what is beside the object, and the verdicts follow.
. "$LIB"

score() { checkrob score "${model[@]}" "${scenes[@]}" "${classes[@]}" "$@"; }

# Some suspicions are nearly equal: their order depends on the processor.
score --out o --probe all | sed -n '1,/^$/p' | { IFS= read -r head; printf '%s\n' "$head"; sort; }
columns o/classes.csv class,probed,dependence,suspicion,verdict | sed 1d | sort > numbers
for column in 3 4; do
  grep -E '^(shirt|pullover|tshirt|coat),' numbers | cut -d, -f$column | sort -g | sed -n 1p > lowest
  grep -vE '^(shirt|pullover|tshirt|coat),' numbers | cut -d, -f$column | sort -g | tail -1 > highest
  echo "planted classes are above all others: $(awk '{getline low < "lowest"; print (low > $1 + 0.2 ? "yes" : "no")}' highest)"
done
head -1 o/images.csv | tr , '\n' | sed -n '/^relative_logit$/,/^rank_context_only/p'
values o/summary.json options.probe

echo "== another threshold on what is stored"
score --out o --probe all --verdict suspicion=-2 | grep -cE '^(non-robust|doubtful)  '

echo "== a run without probes does not resume it"
exits 1 score --out o
