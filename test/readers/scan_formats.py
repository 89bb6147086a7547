"""Reads what a scan wrote with others' models and schemas; prints what they say against it, as JSON."""

import json
import sys

import xmlschema
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from sarif_pydantic import Sarif

folder, schemas = sys.argv[1], sys.argv[2:]
troubles = []


def attempt(what, work):
    try:
        return work()
    except Exception as error:
        troubles.append(f"{what}: {error}")


findings = 0
with open(f"{folder}/ocsf.jsonl") as lines:
    for line in lines:
        findings += attempt("ocsf", lambda: ComplianceFinding.model_validate_json(line)) is not None
with open(f"{folder}/scan.sarif") as text:
    sarif = attempt("sarif", lambda: Sarif.model_validate_json(text.read()))
for schema in schemas:
    attempt(schema, lambda: xmlschema.XMLSchema(schema).validate(f"{folder}/junit.xml"))
results = 0 if sarif is None else len(sarif.runs[0].results)
print(json.dumps({"troubles": troubles, "findings": findings, "results": results}))
