#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Names of files that are not UTF-8: they are found, and everything that is written is UTF-8.
. "$LIB"

folder=$'im\xe9ges' name=$'co\xe4t' wrong=$'b\xc3\xa4d\xff'
mkdir "$folder" labels
cp "$PLANTED/scenes/images/coat_000.png" "$folder/$name.png"
cp "$PLANTED/scenes/images/coat_001.png" "$folder/$wrong.png"
printf '0 .5 .5 .5 .5\n' > "labels/$name.txt"
printf '0 .5 .5 .5 .5\n' | iconv -t UTF-16 > "labels/$wrong.txt"
printf 'coat\n' > names.txt
yolo=(--dataset yolo --images "$folder" --annotations labels --names names.txt)

score() { checkrob score "${model[@]}" "${classes[@]}" "${yolo[@]}" "$@"; }
score --out $'o\xe9' > text
mv $'o\xe9' o
columns o/images.csv image,status,message
checkrob export o/results.sqlite --as images.jsonl --out o/images.jsonl
checkrob export o/results.sqlite --as classes.jsonl --out o/classes.jsonl
checkrob check "${classes[@]}" "${yolo[@]}" --all > checked || true
checkrob check "${classes[@]}" --dataset yolo --images $'no\xe9' --annotations labels --names names.txt 2> error &&
  die "a missing folder is no error"

echo "-- the folder is found again by what was recorded"
values o/summary.json options.images
checkrob score --spec o/summary.json --out p > /dev/null
columns p/images.csv image,status
score --out o | tail -n 2 | sed -n 1p

"$PYTHON" - o/*.csv o/*.json* text checked error << 'PYTHON'
import json, sqlite3, sys
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8", errors="strict").read()
    if path.endswith(".jsonl"):
        [json.loads(line) for line in text.splitlines()]
    assert text, path
database = sqlite3.connect("o/results.sqlite")
for table in "option", "sample", "class":
    assert database.execute("SELECT * FROM \"%s\"" % table).fetchall()
print(len(sys.argv) - 1, "files and a database are UTF-8")
PYTHON
