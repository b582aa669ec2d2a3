from dataclasses import replace
from pathlib import Path

from tests.support.repositories import repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding, Hint, InvalidFinding
from iacfix.domain.outcome import Outcome, Status
from iacfix.pull_requests import finding_key
from iacfix.workflows.fix import Fixer, invalid
from iacfix.workflows.refresh import given_by

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
FINDING = Finding(
    "checkov",
    "f-1",
    "CKV_AWS_7",
    "t",
    CloudResource("aws_kms_key", "aws_kms_key.a"),
    hint=Hint("main.tf", "aws_kms_key.a"),
)


def test_a_report_says_what_is_reported_and_what_is_over(tmp_path: Path) -> None:
    fixer = Fixer(load_catalogue(), repository(tmp_path, {"main.tf": 'resource "aws_kms_key" "a" {\n}\n'}))
    fixed = fixer.fix(FINDING)
    assert fixed.location is not None
    assert isinstance(fixed.finding, Finding)
    lost = Outcome(replace(FINDING, id=f"id {SECRET}"), Status.NOT_LOCATED, "gone")
    over = invalid(
        InvalidFinding("security_hub", 0, "RecordState", "the finding is not open: RecordState is ARCHIVED", "f-9")
    )
    broken = invalid(InvalidFinding("security_hub", 1, "Title", "is missing", "f-8"))
    both = invalid(
        InvalidFinding("security_hub", 2, "Workflow.Status", "the finding is not open: it is RESOLVED", "f-1")
    )
    given = given_by([fixed, lost, over, broken, both])
    assert list(given.outcomes) == [finding_key(fixed.finding, fixed.location)]
    assert set(given.ids) >= {"f-1", "f-8"}
    assert not any(SECRET in each for each in given.ids)
    assert set(given.resolved) == {"f-9"}  # what is open for one resource is not over
