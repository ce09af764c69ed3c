#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Standard output on a full disk: every sub-command says so and fails, whatever it prints. A reader that stops early, such
# as head, is no failure to talk about.
. "$LIB"

[ -c /dev/full ] || skip "there is no /dev/full"

# full COMMAND...: fails with an error message about standard output alone, and says it once.
full() {
  local code=0
  checkrob "$@" > /dev/full 2> said || code=$?
  [ "$code" -eq 1 ] || die "checkrob $*: exit code $code"
  [ "$(grep -c 'error: cannot write .*standard output' said)" -eq 1 ] || die "checkrob $*: $(cat said)"
}

commands=$(checkrob --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<< "$commands")" -ge 13 ] || die "the commands are $commands"
full --help
full -h
full help
full --version
for command in $commands; do
  full "$command" --help
  full "$command" -h
done
full score --batch 8 --print-spec

run=("${model[@]}" "${classes[@]}" "${scenes[@]}")
full score "${run[@]}" --advice --cues --features --probe verdict --out a
cp -r a b
take_scenes coat_000 coat_001
rm annotations/coat_001.xml
full check "${classes[@]}" "${own[@]}" # without a finding it would exit with 0, with one as here with 5
full check "${classes[@]}" "${scenes[@]}"
full layers "${model[@]}"
full explain "${model[@]}" --image images/coat_000.png --class-index 4 --out o.png
full extract "${model[@]}" --images images --out e.npy
full methods
full merge a/results.sqlite --out m.sqlite
full compare a b
full attack a --most 1 --out made
full features a
full features a --out sheets
full data a
full advise a
checkrob export a --as classes.csv > /dev/full # it prints nothing

checkrob layers "${model[@]}" | head -n 1 > /dev/null || [ $? -eq 141 ]
checkrob --help | true || [ $? -eq 141 ]
checkrob export a --as images.csv --out - | head -n 1 > /dev/null || [ $? -eq 141 ]
