#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Verdicts and their reasons; other rules judge what is stored, and only the user's threshold says robust.
. "$LIB"

score() { checkrob score "${model[@]}" "${scenes[@]}" "${classes[@]}" "$@"; }

score --out o > out
cat out
values o/summary.json options.score options.reference options.verdict
columns o/classes.csv class,verdict,reason

echo "== another rule"
score --out o --verdict min_images=21,level=0.9 > out
grep -c 'not enough data' out
columns o/classes.csv class,verdict,reason | grep ^coat
score --out o --verdict off_object=999,robust=1000 > out
grep "Not to be trusted:" out
columns o/classes.csv class,verdict | grep ^coat

echo "== a threshold for robust, there and back"
score --out o --verdict robust=0 | grep -c '^robust  '
values o/summary.json options.verdict.robust
score --out o | grep -c '^not suspicious  '
