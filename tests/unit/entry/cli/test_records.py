import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import jsonschema
import pytest
from tests.support.repositories import checkov

from iacfix.domain.outcome import Status
from iacfix.domain.verdict import StageName, StageOutcome

DOCS = Path(__file__).resolve().parents[4] / "docs"
SCHEMA = cast(
    "dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]]",
    json.loads((DOCS / "outcome.schema.json").read_text()),
)
VALIDATOR = jsonschema.Draft202012Validator(cast("Mapping[str, object]", SCHEMA))
KEY = 'resource "aws_kms_key" "a" {\n  description = "a"\n}\n'
DIFF = '--- a/main.tf\n+++ b/main.tf\n@@ @@\n   description = "a"\n+  enable_key_rotation = true\n'


def records(folder: Path, command: str, *more: str) -> list[Mapping[str, object]]:
    (folder / "repo").mkdir()
    (folder / "repo" / "main.tf").write_text(KEY)
    one, unknown = (json.loads(checkov(check, "aws_kms_key.a")) for check in ("CKV_AWS_7", "CKV_AWS_9999"))
    lost, bad = json.loads(checkov("CKV_AWS_7", "aws_kms_key.b")), {"results": {"failed_checks": [{"check_id": 1}]}}
    reports = [one] if command == "validate" else [one, unknown, lost, {"check_type": "terraform", **bad}]
    (folder / "report.json").write_text(json.dumps(reports))
    option = "--finding" if command == "validate" else "--findings"
    run = [sys.executable, "-c", "from iacfix.entry.cli.main import main; main()", command, option, "report.json"]
    done = subprocess.run(
        [*run, "--repo", "repo", "--output", "json", *more], cwd=folder, capture_output=True, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_record_of_generate_is_as_published(tmp_path: Path) -> None:
    found = records(tmp_path, "generate")
    assert [record["status"] for record in found] == ["proposed", "unsupported", "not_located", "invalid_finding"]
    for record in found:
        VALIDATOR.validate(record)


def test_every_record_of_locate_is_as_published(tmp_path: Path) -> None:
    found = records(tmp_path, "locate")
    assert [record["status"] for record in found] == ["located", "located", "not_located", "invalid_finding"]
    for record in found:
        VALIDATOR.validate(record)


@pytest.mark.parametrize(("diff", "status"), [(DIFF, "proposed"), ("x", "generation_failed")])
def test_every_record_of_validate_is_as_published(tmp_path: Path, diff: str, status: str) -> None:
    (tmp_path / "fix.diff").write_text(diff)
    (record,) = records(tmp_path, "validate", "--diff", "fix.diff")
    assert record["status"] == status
    VALIDATOR.validate(record)


def test_a_record_with_a_key_too_many_or_a_claim_without_a_diff_is_not() -> None:
    keys = cast("list[str]", SCHEMA["$defs"]["outcome"]["required"])
    record = dict.fromkeys(keys) | {
        "status": "unsupported",
        "attempts": 0,
        "also": [],
        "stages": [],
        "assumptions": [],
        "reason": "r",
    }
    VALIDATOR.validate(record)
    wrongs: list[dict[str, object]] = [
        {"more": 1},
        {"status": "proposed"},
        {"status": "done"},
        {"reason": None},
        {"usage": {}},
        {"risk": "none"},
    ]
    for wrong in wrongs:
        assert not VALIDATOR.is_valid(record | wrong)


def test_the_schema_knows_the_words_of_the_code() -> None:
    outcome, stage = SCHEMA["$defs"]["outcome"]["properties"], SCHEMA["$defs"]["stage"]["properties"]
    assert outcome["status"]["enum"] == list(Status)
    assert stage["name"]["enum"] == list(StageName)
    assert stage["result"]["enum"] == [StageOutcome.PASSED, StageOutcome.REJECTED, StageOutcome.SKIPPED]


def test_the_page_names_every_key_and_status() -> None:
    page = (DOCS / "output.md").read_text()
    keys = {*SCHEMA["$defs"]["outcome"]["properties"], *SCHEMA["$defs"]["located"]["properties"], *Status}
    assert [key for key in keys if f"`{key}`" not in page] == []
