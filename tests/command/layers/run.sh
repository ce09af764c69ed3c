#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The layers of a model, and how they can be used.
. "$LIB"

checkrob layers "${model[@]}"
