#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads tables and objects that the command wrote, for the scripts of its tests: see lib.sh.

usage: table.py columns FILE.csv COLUMN,...
       table.py values FILE.json KEY.KEY...
       table.py keys FILE.jsonl
       table.py agree ONE.csv OTHER.csv TOLERANCE
"""
import csv
import json
import sys


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def columns(path, names):
    """Prints some columns, header included."""
    header, *rows = read(path)
    places = [header.index(name) for name in names.split(",")]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerows([row[place] for place in places] for row in [header, *rows])


def values(path, *keys):
    """Prints values of a JSON file; a.b is b of the object a."""
    with open(path, encoding="utf-8") as file:
        whole = json.load(file)
    for key in keys:
        value = whole
        for name in key.split("."):
            value = value[name]
        print("%s: %s" % (key, json.dumps(value)))


def keys(path):
    """Prints the names of the first object's values."""
    with open(path, encoding="utf-8") as file:
        print(" ".join(json.loads(file.readline())))


def close(one, other, tolerance):
    try:
        return one == other or abs(float(one) - float(other)) <= tolerance
    except ValueError:
        return False


def agree(one, other, tolerance):
    """Whether two tables hold the same rows."""
    one, other = read(one), read(other)
    if len(one) != len(other):
        sys.exit("%d and %d rows" % (len(one), len(other)))
    for left, right in zip(one, other):
        same = len(left) == len(right) and all(close(a, b, float(tolerance)) for a, b in zip(left, right))
        if not same:
            sys.exit("%s\n%s" % (",".join(left), ",".join(right)))


if __name__ == "__main__":
    {"columns": columns, "values": values, "keys": keys, "agree": agree}[sys.argv[1]](*sys.argv[2:])
