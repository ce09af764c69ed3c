#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob export --help
checkrob export -h | cmp - <(checkrob export --help)
