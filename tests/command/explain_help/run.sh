#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob explain --help
checkrob explain -h | cmp - <(checkrob explain --help)
