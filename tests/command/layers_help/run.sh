#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob layers --help
checkrob layers -h | cmp - <(checkrob layers --help)
