import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.controls import load_catalogue
from iacfix.domain.change_request import Action
from iacfix.domain.finding import Finding
from iacfix.domain.outcome import Outcome, Status
from iacfix.triage.exceptions_file import PATH
from iacfix.workflows.exceptions import AcceptedRisks, accepted_risks
from iacfix.workflows.fix import Fixer
from iacfix.workflows.publish import Place, Publisher

KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
KNOWN = finding("CKV_AWS_7", "aws_kms_key.data")
LAST = date(2026, 11, 30)
FILE = """\
exceptions:
  - control: kms-key-rotation
    resource: aws_kms_key.data
    path: main.tf
    approver: ann
    reason: It goes next month.
    created: 2026-11-01
    until: 2026-11-30
"""


def fixer(folder: Path, exceptions: str, today: date) -> Fixer:
    found = repository(folder, {"main.tf": KEY, PATH: exceptions})
    risks = accepted_risks(found)
    return Fixer(load_catalogue(), found, accepted=AcceptedRisks(risks.exceptions, risks.unreadable, lambda: today))


def test_a_risk_is_accepted_up_to_the_last_day_and_then_comes_back(tmp_path: Path) -> None:
    accepted = fixer(tmp_path, FILE, LAST).fix(KNOWN)
    assert accepted.status is Status.ACCEPTED
    assert accepted.reason == "accepted until 2026-11-30 by ann: It goes next month."
    assert accepted.proposal is None
    assert fixer(tmp_path, FILE, date(2026, 12, 1)).fix(KNOWN).status is Status.PROPOSED


def test_by_the_finding_alone_nothing_has_to_be_located(tmp_path: Path) -> None:
    unlocated = finding("CKV_AWS_7", "aws_kms_key.gone")
    assert isinstance(unlocated, Finding)
    lines = [line for line in FILE.splitlines() if not line.startswith(("    resource", "    path"))]
    text = "\n".join(lines).replace("control: kms-key-rotation", f"finding: {json.dumps(unlocated.id)}")
    assert fixer(tmp_path, text, LAST).fix(unlocated).status is Status.ACCEPTED
    assert fixer(tmp_path, text, LAST).fix(KNOWN).status is Status.PROPOSED


@pytest.mark.parametrize("text", ["exceptions: [", "risks: []\n", "exceptions: &a [*a]\n"])
def test_where_nobody_knows_what_is_accepted_nothing_is_proposed(tmp_path: Path, text: str) -> None:
    outcome = fixer(tmp_path, text, LAST).fix(KNOWN)
    assert outcome.status is Status.GENERATION_FAILED
    assert outcome.reason.startswith(f"which risks are accepted cannot be read from {PATH}: ")


def test_what_is_malformed_holds_for_nothing(tmp_path: Path) -> None:
    assert fixer(tmp_path, FILE.replace("2026-11-30", "soon"), LAST).fix(KNOWN).status is Status.PROPOSED


def test_a_closed_pull_request_comes_back_once_when_its_exception_is_over(tmp_path: Path) -> None:
    who = {f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    before = fixer(tmp_path / "repo", FILE, date(2026, 10, 31))
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "as found"]):
        subprocess.run(["git", *command], cwd=tmp_path / "repo", env=environment, check=True)
    host = LocalGitHost(tmp_path / "repo", tmp_path / "prs", environment=environment)

    proposed = before.fix(KNOWN)
    over = AcceptedRisks(before.accepted.exceptions, today=lambda: date(2026, 12, 1))

    def publish(risks: AcceptedRisks) -> Action:
        def ended(outcome: Outcome) -> date | None:
            assert isinstance(outcome.finding, Finding)
            assert outcome.location is not None
            return risks.ended(outcome.finding, outcome.location)

        publisher = Publisher(before.catalogue, lambda _: Place(host, host.base()), ended=ended)
        found = publisher.publish(proposed).pull_request
        assert found is not None
        return found.action

    def close() -> None:
        (one,) = host.open_pull_requests()
        host.close(one)

    assert publish(before.accepted) is Action.OPENED
    close()
    assert publish(before.accepted) is Action.NOT_WANTED
    assert publish(over) is Action.OPENED
    close()
    assert publish(over) is Action.NOT_WANTED
