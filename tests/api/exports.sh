#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library exports exactly what the headers mark with CHECKROB_API. Usage: exports.sh LIBRARY
set -euo pipefail
cd "$(dirname "$0")/../.."
headers=$(cat include/checkrob/*.h | tr '\n' ' ' | grep -oE 'CHECKROB_API [^;(]*\(' | grep -oE 'checkrob_[a-z0-9_]+\($' |
          tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$1" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort -u)
diff <(echo "$headers") <(echo "$exported")
