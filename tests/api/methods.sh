#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every method of the library's table stands in the documents. Usage: methods.sh COMMAND
set -euo pipefail
cd "$(dirname "$0")/../.."
names=$("$1" methods | sed -n 's/^[+ ] \([^ ]\+\).*/\1/p')
[ "$(wc -w <<<"$names")" -ge 11 ]
for name in $names; do
  for document in docs/method.md docs/checkrob.1 include/checkrob/saliency.h; do
    grep -qF -- "$name" <<<"$(tr -d '\\' <"$document")" || { echo "$document does not say what $name is" >&2; exit 1; }
  done
done
