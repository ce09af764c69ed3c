#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$LIB"
checkrob report --help
