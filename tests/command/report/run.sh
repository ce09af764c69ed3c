#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page of a report: it is written as a whole, finds the run's data, and does without them.
. "$LIB"

# data PAGE EXPRESSION: what the page's data say, in Python; `d` is the data.
data() {
  "$PYTHON" - "$1" "$2" << 'END'
import json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
d = json.loads(re.search(r'id="data">\n(.*?)\n</script>', page, re.S)[1])
print(eval(sys.argv[2]))
END
}

cp -r "$PLANTED/scenes" scenes
score() {
  checkrob score "${model[@]}" "${classes[@]}" --dataset voc --images scenes/images --annotations scenes/annotations "$@" > /dev/null
}
score --out a --method gradcam 2> /dev/null
checkrob report a --out a.html
data a.html 'len(d["classes"]["rows"]), d["totals"]["evaluated"], d["complete"], sorted({p["kind"] for p in d["pictures"]})'
checkrob report a --out four.html --pictures-per-class 4
checkrob report a --out none.html --pictures-per-class 0

echo "== two runs, pictures in a folder"
score --out b
mkdir pages
checkrob report b a --out pages/two.html --pictures "pages/the pictures"
data pages/two.html 'len(d["comparison"]["rows"]), d["pictures"][0]["file"].rpartition("/")[0], "webp" in d["pictures"][0], "map_before" in d["pictures"][0]'
ls "pages/the pictures" | wc -l
checkrob report b --out pages/elsewhere.html --pictures pictures
data pages/elsewhere.html 'd["pictures"][0]["file"].rpartition("/")[0]'

echo "== images are gone"
rm scenes/images/coat_*
checkrob report a --out gone.html
data gone.html 'len([p for p in d["pictures"] if "problem" in p]) > 0'
mv scenes moved
exits 1 checkrob report a --out moved.html
checkrob report a --out named.html --images moved/images --annotations moved/annotations

echo "== the gate: the page is written, whatever it says"
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --out c --probe verdict > /dev/null
exits 6 checkrob report c --out gate.html --pictures-per-class 0 --fail-on non-robust | tail -n 1
[ -s gate.html ] || die "there is no page"
checkrob report c c --out same.html --pictures-per-class 0 --fail-on non-robust --only-new

echo "== judged anew"
checkrob report b --out strict.html --pictures-per-class 0 --verdict robust=1000,off_object=999
data strict.html 'd["rule"]["robust"], d["rule"]["off_object"]'
