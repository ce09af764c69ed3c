#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The documents' generated parts are what the declarations say. Usage: documents.sh GENERATE [--update]
set -euo pipefail
cd "$(dirname "$0")/../../docs"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
documents=$(grep -l 'generated: ' -- *.md *.1)
[ -n "$documents" ]
for document in $documents; do
  "$1" "$document" >"$new"
  if [ "${2-}" = --update ]; then
    cmp -s "$new" "$document" || cat "$new" >"$document"
  else
    diff -u "$document" "$new" || { echo "docs/$document: build the target documents" >&2; exit 1; }
  fi
done
