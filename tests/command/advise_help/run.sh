#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob advise --help
checkrob advise -h | cmp - <(checkrob advise --help)
