#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Command lines that name no sub-command, or that a sub-command without options refuses.
. "$LIB"

exits 2 checkrob
exits 2 checkrob scroe
exits 2 checkrob --nonsense
exits 2 checkrob methods --all
