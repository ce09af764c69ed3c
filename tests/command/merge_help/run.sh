#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob merge --help
checkrob merge -h | cmp - <(checkrob merge --help)
