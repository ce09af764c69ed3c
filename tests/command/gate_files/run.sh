#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the gate writes for other programs, with names of classes and images that could break each format.
. "$LIB"
need jsonschema
command -v xmllint > /dev/null || skip "there is no xmllint; libxml2-utils has it"

check() { "$PYTHON" "$COMMON/../gate/check.py" "$@"; }

# A class and a file with what would end a tag, a string or a line, a colour of a terminal, and a byte that is not UTF-8.
name=$'a"b\'<i>&]]> %41\n\e[31m\xe9'
mkdir images annotations
for i in 0 1 2; do
  cp "$PLANTED/scenes/images/coat_00$i.png" "images/$name $i.png"
  sed 's|<name>coat</name>|<name>\&lt;script\&gt;alert("1")\&lt;/script\&gt;</name>|' \
    "$PLANTED/scenes/annotations/coat_00$i.xml" > "annotations/$name $i.xml"
done
take_scenes bag_000 bag_001
: > images/bag_001.png
printf 'name,index\n"<script>alert(""1"")</script>",4\nbag,8\n' > hostile.csv
checkrob score "${model[@]}" "${own[@]}" --classes hostile.csv --out a > /dev/null 2>&1

exits 6 checkrob gate a --fail-on not-enough-data --fail-if 'class != "bag"' --max-failures 10% \
  --junit a.xml --sarif a.sarif --json a.json --annotate github
check --junit a.xml --sarif a.sarif --json a.json
grep -o '<testcase.*script.*time' a.xml
grep -c $'\e' a.xml a.sarif a.json || true
echo "== to standard output"
checkrob gate a --fail-if 'acc < 0' --json - 2> err > b.json
check --json b.json
cat err
checkrob gate a --fail-if 'acc < 0' --sarif - 2> err | cmp - <(checkrob gate a --fail-if 'acc < 0' --sarif - 2> err)
checkrob gate a --fail-if 'acc < 0' --sarif - 2> err > b.sarif
check --sarif b.sarif
echo "== with a baseline"
cp -r a old
exits 6 checkrob gate a --fail-on not-enough-data --fail-if 'class = "bag"' --baseline old --max-failures 0 \
  --junit c.xml --sarif c.sarif --json c.json --annotate github
check --junit c.xml --sarif c.sarif --json c.json
values c.json closed counts.new counts.old counts.failed_samples
grep -o '"baselineState": "[a-z]*"' c.sarif
grep -o '<testsuite .*hostname' c.xml
