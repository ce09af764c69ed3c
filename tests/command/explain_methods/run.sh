#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every method that the list names explains an image, and is named by the help.
. "$LIB"

take_scenes boot_000
checkrob explain --help > help
for method in $(checkrob methods | sed -n 's/^[+ ] \([^ ]\+\).*/\1/p'); do
  grep -qF -- "$method" help || die "explain --help does not name $method"
  echo "== $method"
  checkrob explain "${model[@]}" --image images/boot_000.png --class-index 0 --out o.png --annotations annotations \
    --noise-samples 3 --steps 3 --method "$method" | grep -v "^method\|^class\|^top"
done
