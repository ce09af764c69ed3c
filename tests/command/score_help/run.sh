#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob score --help
checkrob score -h | cmp - <(checkrob score --help)
