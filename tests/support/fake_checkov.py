"""A program that speaks as Checkov does, with a few checks of its own. Real output it is held to stands beside its test.

It takes blocks apart by their first and last lines, which is all that the tests' code needs.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = r"""#!{python}
import json, os, re, sys, time
RULES = {rules}
BLOCK = {{
    "terraform": re.compile(r'^(?:resource|data) "(\w+)" "(\w+)" \{{\n(.*?)^\}}', re.M | re.S),
    "cloudformation": re.compile(r'^  (\w+):\n    Type: (\S+)\n(.*?)(?=^  \w|\Z)', re.M | re.S),
}}
asked = dict(zip(sys.argv, sys.argv[1:]))
framework, folder = asked["--framework"], asked["-d"]
with open({log!r}, "a") as log:
    told = {{"argv": sys.argv, "environment": dict(os.environ), "cwd": os.getcwd()}}
    told["files"] = sorted(os.listdir(folder))
    log.write(json.dumps(told) + "\n")
{extra}
passed, failed, skipped, errors, resources = [], [], [], [], 0
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    text = open(path, encoding="utf-8").read()
    if "BROKEN" in text:
        errors.append(path)
        continue
    for match in BLOCK[framework].finditer(text):
        first, second, body = match.groups()
        kind, resource = (first, first + "." + second) if framework == "terraform" else (second, second + "." + first)
        resources += 1
        for check, (of, wanted, title) in RULES.items():
            if of != kind:
                continue
            into, result = (passed, "PASSED") if re.search(wanted, body) else (failed, "FAILED")
            if "checkov:skip=" + check in body:
                into, result = skipped, "SKIPPED"
            into.append({{"check_id": check, "check_name": title, "check_result": {{"result": result}},
                          "file_path": "/" + name, "file_line_range": [1, 2], "resource": resource}})
summary = {{"passed": len(passed), "failed": len(failed), "skipped": len(skipped), "parsing_errors": len(errors),
            "resource_count": resources, "checkov_version": "3.2.459"}}
results = {{"passed_checks": passed, "failed_checks": failed, "skipped_checks": skipped, "parsing_errors": errors}}
report = {{"check_type": framework, "results": results, "summary": summary, "url": ""}}
print(json.dumps(report if resources or errors else summary))
sys.exit(1 if failed and "--soft-fail" not in sys.argv else 0)
"""

# By check: the type that it is of, what passes, its title.
RULES = {
    "CKV_AWS_7": ("aws_kms_key", r"enable_key_rotation\s*=\s*true", "Ensure rotation is enabled"),
    "CKV_AWS_33": ("aws_kms_key", r"(?s)^(?!.*bypass_policy)", "Ensure the policy is not open"),
    "CKV_AWS_900": ("aws_kms_alias", r"never", "Ensure there is no alias"),
    "CKV_AWS_26": ("AWS::SNS::Topic", r"KmsMasterKeyId", "Ensure the topic is encrypted"),
}


def install(folder: Path, extra: str = "", rules: Mapping[str, Sequence[str]] = RULES) -> tuple[tuple[str, ...], Path]:
    """The command, and the log of its runs. `extra` are lines of Python that run before it scans."""
    program, log = folder / "checkov", folder / "checkov.log"
    text = PROGRAM.format(python=sys.executable, rules=repr(dict(rules)), log=str(log), extra=extra)
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    return (str(program),), log


def runs(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


SEARCH_PATH = os.environ.get("PATH", os.defpath)
