#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob attack --help
checkrob attack -h | cmp - <(checkrob attack --help)
