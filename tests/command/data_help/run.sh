#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob data --help
checkrob data -h | cmp - <(checkrob data --help)
