#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The gate's files, read by programs that others wrote: junit2html and junitparser (JUnit), sarif-tools (SARIF). With
# SARIF_SCHEMA, OASIS's sarif-schema-2.1.0.json, and JUNIT_XSD, another schema of JUnit's XML, also validates with these.
# Usage: tests/parity/gate_files.sh [FOLDER]   FOLDER keeps the environment and the files (default: build/gate_files)
#
# CHECKROB_COMMAND names the command (default: build/bin/checkrob). Takes half a minute once the environment is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. examples/setup.sh
need python3-venv python3-pip python3-jsonschema libxml2-utils
command=$(realpath "${CHECKROB_COMMAND:-build/bin/checkrob}")
mkdir -p "${1:-build/gate_files}"
folder=$(realpath "${1:-build/gate_files}")
planted=$PWD/examples/planted
check=$PWD/tests/gate/check.py

if [ ! -e "$folder/venv/done" ]; then
  echo "== Installing the consumers"
  /usr/bin/python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet junit2html junitparser sarif-tools
  touch "$folder/venv/done"
fi
bin=$folder/venv/bin

echo "== Scoring classes with hostile names"
cd "$folder"
rm -rf images annotations results old
mkdir images annotations
for name in coat bag; do
  for scene in "$planted/scenes/images/${name}"_00*.png; do
    number=$(basename "$scene" .png)
    cp "$scene" "images/<$number> \"&'%41.png"
    sed 's|<name>coat</name>|<name>\&lt;script\&gt;alert("1")\&lt;/script\&gt;</name>|' \
      "$planted/scenes/annotations/$number.xml" > "annotations/<$number> \"&'%41.xml"
  done
done
printf 'name,index\n"<script>alert(""1"")</script>",4\nbag,8\n' > classes.csv
"$command" score --model "$planted/model.pt" --preprocess "$planted/preprocess.json" --dataset voc --images images \
  --annotations annotations --classes classes.csv --out results --restart > score.txt
cp -r results old
for baseline in "" "--baseline old"; do
  code=0
  # shellcheck disable=SC2086
  "$command" gate results --fail-on doubtful --fail-if 'images > 5 and class != "x"' --max-failures 0 $baseline \
    --junit gate.xml --sarif gate.sarif --json gate.json > gate.txt || code=$?
  echo "== The gate${baseline:+ with a baseline}: exit code $code"
  tail -1 gate.txt
  /usr/bin/python3 "$check" --junit gate.xml --sarif gate.sarif --json gate.json ${SARIF_SCHEMA:+--sarif-schema "$SARIF_SCHEMA"}
  [ -z "${JUNIT_XSD:-}" ] || xmllint --noout --nonet --schema "$JUNIT_XSD" gate.xml

  "$bin/junit2html" gate.xml gate.html
  ! grep -q '<script>alert' gate.html || { echo "junit2html: the class became a script" >&2; exit 1; }
  echo "junit2html: $(stat -c %s gate.html) bytes"
  "$bin/python" -c 'import sys; from junitparser import JUnitXml; x = JUnitXml.fromfile("gate.xml")
print("junitparser:", x.tests, "tests,", x.failures, "failures,", x.skipped, "skipped:", [c.name for s in x for c in s])'
  "$bin/sarif" summary gate.sarif
  "$bin/sarif" csv gate.sarif --output gate.csv > /dev/null
  "$bin/sarif" html gate.sarif --output sarif.html > /dev/null
  sed -n 2,3p gate.csv
done
