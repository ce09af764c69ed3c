#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that can be wrong with a dataset, each with its line.
. "$LIB"

bad_images
take_scenes boot_000
sed -i s/boot/wellington/ annotations/boot_000.xml
cp images/coat_000.png images/twin.png
ln -s coat_000.xml annotations/twin.xml
check() { checkrob check "${own[@]}" "${classes[@]}" "$@"; }

exits 5 check --all
