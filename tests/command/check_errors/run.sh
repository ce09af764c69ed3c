#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error message for a wrong command line of check, whole; and errors that fail the check.
. "$LIB"

voc_tree
check() { checkrob check "${classes[@]}" "$@"; }

exits 2 checkrob check
exits 2 check --nonsense
exits 2 check --min-images x
exits 2 check --dataset voc --images VOC2012 --regions masks
exits 2 check --dataset yolo --images . --names names.txt
exits 1 check --dataset voc --images none --annotations none
exits 2 check --dataset voc --images VOC2012/ImageSets
exits 1 check --dataset voc --images VOC2012 --list nowhere.txt
