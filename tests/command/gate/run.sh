#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The gate: what closes it, its exit codes, a baseline, and the same in score and compare.
. "$LIB"

score() { checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" "$@"; }

score --out a > /dev/null
echo "== closed by verdicts"
exits 6 checkrob gate a --fail-on doubtful
echo "== closed by conditions on columns"
exits 6 checkrob gate a --fail-if 'robustness < -2.5 and accuracy > 0.8' --fail-if "class = 'bag'" --max-failures 0
echo "== passed"
checkrob gate a/results.sqlite --fail-if 'acc < 0.5' --max-failures 1%
echo "== judged by another rule"
exits 6 checkrob gate a --fail-on not-enough-data --verdict min_images=21 | tail -1
echo "== nothing can be judged"
exits 6 checkrob gate a --fail-on non-robust
exits 6 checkrob gate a --fail-if 'suspicion > 0.5'

echo "== only new violations"
score --out b --verdict off_object=999,robust=1000 > /dev/null
checkrob gate b --fail-on doubtful --baseline b/../a > out || [ $? -eq 6 ]
tail -1 out
grep -c ': doubtful' out
checkrob gate a --fail-on doubtful --baseline b | tail -1
exits 1 checkrob gate a --fail-on doubtful --baseline a/../a/results.sqlite

echo "== compare judges AFTER"
checkrob compare a b --fail-on doubtful 2> err | tail -1 || [ "${PIPESTATUS[0]}" -eq 6 ]
checkrob compare b a --fail-on doubtful --only-new 2> err | tail -1
grep -c "differ in" err

echo "== score judges when the results are written"
take_scenes coat_00{0..9} coat_010 bag_00{0..9}
scored() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@"; }
exits 6 scored --out c --fail-on doubtful --json c.json > out
tail -2 out
[ -s c/classes.csv ] && values c.json closed counts.violations
scored --out c --fail-on doubtful --baseline a | tail -1
echo "== an error wins"
halve images/coat_001.png
exits 1 scored --out c --restart --strict --fail-on doubtful > out 2> err
tail -1 err
exits 6 scored --out c --restart --max-failures 4% --fail-if 'acc < 0' > out 2> err
tail -2 out
