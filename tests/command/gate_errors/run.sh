#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message of the gate, whole; and what leaves the exit code 1 although nothing is violated.
. "$LIB"

take_scenes coat_000 bag_000
scored() { checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" "$@"; }
scored --out a > /dev/null
scored --out shard --shard 1/2 > /dev/null
: > empty

exits 2 checkrob gate
exits 2 checkrob gate a
exits 2 checkrob gate a b --fail-on doubtful
exits 2 checkrob gate a --fail-on roboust
exits 2 checkrob gate a --fail-on doubtful,
exits 2 checkrob gate a --fail-if 'robustnss < 0'
exits 2 checkrob gate a --fail-if 'acc < 1' --fail-if 'acc < 80%'
exits 2 checkrob gate a --max-failures many
exits 2 checkrob gate a --junit j.xml
exits 2 checkrob gate a --baseline b
exits 2 checkrob gate a --fail-on doubtful --junit - --json -
exits 2 checkrob gate a --fail-on doubtful --json - --annotate github
exits 2 checkrob gate a --fail-on doubtful --junit x --sarif x
exits 2 checkrob gate a --fail-on doubtful --annotate jenkins
exits 2 checkrob compare a a --fail-on doubtful --json -
exits 2 checkrob compare a a --only-new
exits 1 checkrob gate nowhere --fail-on doubtful
exits 1 checkrob gate empty --fail-on doubtful
exits 1 checkrob gate a --fail-on doubtful --baseline nowhere
exits 1 checkrob gate shard --fail-on doubtful
exits 1 checkrob gate a --fail-on doubtful --baseline shard
exits 1 checkrob gate a --fail-on not-enough-data --json a/results.sqlite
exits 1 checkrob gate a --fail-on not-enough-data --json nowhere/a.json

echo "score, before it computes anything" >&2
exits 2 scored --out b --shard 1/2 --fail-on doubtful
exits 2 scored --out b --fail-if 'acc <'
exits 1 scored --out b --fail-on doubtful --baseline nowhere
exits 1 scored --out b --fail-on doubtful --json b/summary.json
exits 1 scored --out b --fail-on doubtful --junit "$PLANTED/classes.csv"
[ ! -e b/results.sqlite ] || die "something was computed"
checkrob gate a --fail-if 'acc < 0' > /dev/full 2> err && die "a full disk passes"
cat err >&2
