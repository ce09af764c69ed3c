#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole list of methods, and the whole text of its --help.
. "$LIB"

checkrob methods
checkrob methods --help
