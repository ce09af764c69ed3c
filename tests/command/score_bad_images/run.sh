#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong with single images is named and counted, and stops nothing.
. "$LIB"

bad_images
checkrob score "${model[@]}" "${own[@]}" "${classes[@]}" --out o
columns o/images.csv image,class,index,rs,status,message
columns o/classes.csv class,index,images,failed
# Of a sample that could not be evaluated there is no number.
grep -c ',,,,,,,,,,,,,,,,,,[a-z]' o/images.csv
