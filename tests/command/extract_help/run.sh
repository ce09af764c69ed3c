#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of its --help.
. "$LIB"

checkrob extract --help
checkrob extract -h | cmp - <(checkrob extract --help)
