#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A title with a line end begins no line of its own, which a pipeline would take for a command.
. "$LIB"

take_scenes coat_000 boot_000
printf 'name,index,title\ncoat,4,"a\n::error file=x::coat"\nboot,9,\n' > map.csv
checkrob score "${model[@]}" "${own[@]}" --classes map.csv --out o --verdict min_images=2 > printed 2> /dev/null
exits 6 checkrob gate o --fail-on doubtful,not-enough-data >> printed 2> /dev/null
grep -c 'a?::error file=x::coat' printed
if grep -n '^ *::error' printed; then die "a title begins a line"; fi
