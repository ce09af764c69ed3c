#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole text of --help, and the versions.
. "$LIB"

checkrob --help
checkrob -h | cmp - <(checkrob --help)
checkrob --version
