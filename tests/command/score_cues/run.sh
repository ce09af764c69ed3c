#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What in the planted example's data goes with each class: the emblem is a sharp mark in a corner.
. "$LIB"

checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --cues --out a > /dev/null
checkrob export a --as cues.csv
head -1 cues.csv
# class,index,title,kind,name,images,inside,outside,auc,p_label,q_label,predicts,...
awk -F, '$5 == "corner" && $12 == 1 && $9 > 0.75 { print $1 }' cues.csv | sort
grep -c ',property,' cues.csv
checkrob export a --as images.csv
head -1 images.csv | tr , '\n' | grep -c '^property_'
# Resumed, it has the same cues.
checkrob score "${model[@]}" "${classes[@]}" "${scenes[@]}" --cues --out a > /dev/null
checkrob export a --as cues.csv --out again.csv
cmp cues.csv again.csv
