#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob check --help
checkrob check -h | cmp - <(checkrob check --help)
