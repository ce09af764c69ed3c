#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob gate --help
checkrob gate -h | cmp - <(checkrob gate --help)
