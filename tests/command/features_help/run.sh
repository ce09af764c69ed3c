#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob features --help
checkrob features -h | cmp - <(checkrob features --help)
