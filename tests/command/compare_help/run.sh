#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob compare --help
checkrob compare -h | cmp - <(checkrob compare --help)
