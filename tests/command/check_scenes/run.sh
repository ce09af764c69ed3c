#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A dataset without a finding, and the same where the classes are too small.
. "$LIB"

check() { checkrob check "${scenes[@]}" "${classes[@]}" "$@"; }

check
exits 5 check --min-images 21
