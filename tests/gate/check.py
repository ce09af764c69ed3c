#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the files of a gate: check.py [--junit FILE] [--sarif FILE] [--json FILE] [--sarif-schema FILE]

JUnit's XML is validated against tests/gate/junit.xsd with xmllint, and its counts are counted. JSON is validated against
docs/gate.schema.json, and SARIF against OASIS's schema where --sarif-schema names that file; SARIF's references (rules,
URIs) are checked in any case. Prints what is wrong; the exit code is then 1.
"""

import argparse
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

HERE = Path(__file__).resolve().parent
URI = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


def check_junit(path):
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema", HERE / "junit.xsd", path], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        yield done.stderr.strip()
        return
    for suite in xml.parse(path).getroot():
        found = {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        for name, count in found.items():
            if suite.get(name) != str(count):
                yield f"{path}: {name} is {suite.get(name)}, but there are {count}"


def validate(document, path, schema_path):
    import jsonschema

    schema = json.loads(Path(schema_path).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    for error in validator(schema).iter_errors(document):
        yield f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message}"


def check_json(path):
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    yield from validate(document, path, HERE.parents[1] / "docs/gate.schema.json")
    counts, violations = document["counts"], document["violations"]
    new = sum(v["new"] for v in violations)
    if document["closed"] != (new > 0):
        yield f"{path}: closed is {document['closed']} with {new} new violations"
    if (counts["violations"], counts["new"], counts["old"]) != (len(violations), new, len(violations) - new):
        yield f"{path}: the counts are {counts}, with {len(violations)} violations, {new} of them new"


def check_sarif(path, schema):
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    if schema:
        yield from validate(document, path, schema)
    if document["version"] != "2.1.0" or len(document["runs"]) != 1:
        yield f"{path}: is not one run of version 2.1.0"
    run = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    if len(set(rules)) != len(rules):
        yield f"{path}: a rule is there twice: {rules}"
    if not all(call["executionSuccessful"] is True for call in run["invocations"]):
        yield f"{path}: an invocation failed"
    for result in run["results"]:
        if rules[result["ruleIndex"]] != result["ruleId"]:
            yield f"{path}: ruleIndex {result['ruleIndex']} is not {result['ruleId']}"
        for place in result.get("locations", []) + result.get("relatedLocations", []):
            where = place.get("physicalLocation", {}).get("artifactLocation")
            if where and (not URI.fullmatch(where["uri"]) or where["uriBaseId"] not in run["originalUriBaseIds"]):
                yield f"{path}: no URI: {where}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in "--junit", "--sarif", "--json", "--sarif-schema":
        parser.add_argument(name)
    given = parser.parse_args()
    wrong = []
    if given.junit:
        wrong += check_junit(given.junit)
    if given.json:
        wrong += check_json(given.json)
    if given.sarif:
        wrong += check_sarif(given.sarif, given.sarif_schema)
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
