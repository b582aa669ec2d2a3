import os
import subprocess
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.controls import load_catalogue
from iacfix.domain.finding import InvalidFinding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Status
from iacfix.workflows.fix import Fixer
from iacfix.workflows.locate import locate_finding
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.repositories import Fixers, Workplace, only
from iacfix.workflows.validate import validate

KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
KNOWN = finding("CKV_AWS_7", "aws_kms_key.data")
INVALID = InvalidFinding("checkov", 0, "resource", "is missing")
GOOD = """--- a/main.tf
+++ b/main.tf
@@ -1,3 +1,4 @@
 resource "aws_kms_key" "data" {
   description = "data"
+  enable_key_rotation = true
 }
"""


@pytest.fixture
def environment() -> dict[str, str]:
    who = {f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    return {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}


def committed(folder: Path, environment: dict[str, str]) -> Fixer:
    fixer = Fixer(load_catalogue(), repository(folder, {"main.tf": KEY}), compose=False)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "as found"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)
    return fixer


def fixers(folder: Path) -> Fixers:
    place = Workplace("here", repository(folder, {"main.tf": KEY}))
    return Fixers(load_catalogue(), only(place), lambda found: Fixer(load_catalogue(), found.repository))


def test_a_pull_request_is_opened_once(tmp_path: Path, environment: dict[str, str]) -> None:
    fixer = committed(tmp_path / "repo", environment)
    host = LocalGitHost(tmp_path / "repo", tmp_path / "prs", environment=environment)
    publisher = Publisher(fixer.catalogue, lambda _: Place(host, host.base()))
    opened, again = (publisher.publish(fixer.fix(KNOWN)) for _ in range(2))
    assert opened.pull_request is not None
    assert again.pull_request is not None
    assert opened.pull_request.created
    assert not again.pull_request.created
    assert again.pull_request.commit == opened.pull_request.commit
    (body,) = (tmp_path / "prs").iterdir()
    for part in ("KMS key is rotated every year", "aws_kms_key.data", "enable_key_rotation", "checkov"):
        assert part in body.read_text()


def test_a_change_in_the_way_leaves_the_finding_to_a_person(tmp_path: Path, environment: dict[str, str]) -> None:
    fixer = committed(tmp_path / "repo", environment)
    (tmp_path / "repo" / "main.tf").write_text("# mine\n" + KEY)
    host = LocalGitHost(tmp_path / "repo", tmp_path / "prs", environment=environment)
    refused = Publisher(fixer.catalogue, lambda _: Place(host, host.base())).publish(fixer.fix(KNOWN))
    assert refused.status is Status.GENERATION_FAILED
    assert "uncommitted" in refused.reason
    assert refused.pull_request is None


def test_what_is_no_proposal_opens_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    fixer = committed(tmp_path / "repo", environment)
    host = LocalGitHost(tmp_path / "repo", tmp_path / "prs", environment=environment)
    outcome = fixer.fix(INVALID)
    assert Publisher(fixer.catalogue, lambda _: Place(host, host.base())).publish(outcome) is outcome


@pytest.mark.parametrize(
    ("diff", "status", "said"),
    [
        (GOOD, Status.PROPOSED, ""),
        (GOOD.replace("+  enable_key_rotation = true", "+  count = 0"), Status.GENERATION_FAILED, "hazards"),
        (GOOD.replace("= true", "= false"), Status.GENERATION_FAILED, "control"),
        ("nothing", Status.GENERATION_FAILED, "parse"),
    ],
)
def test_any_diff_is_judged(tmp_path: Path, diff: str, status: Status, said: str) -> None:
    outcome = validate(KNOWN, diff, fixers(tmp_path))
    assert outcome.status is status
    assert outcome.reason.startswith(said)
    assert outcome.generator == "given"


def test_what_cannot_be_judged_says_so(tmp_path: Path) -> None:
    assert validate(INVALID, GOOD, fixers(tmp_path)).status is Status.INVALID_FINDING
    assert validate(finding("CKV_AWS_7", "aws_kms_key.none"), GOOD, fixers(tmp_path)).status is Status.NOT_LOCATED


def test_locating_names_the_control_too(tmp_path: Path) -> None:
    places, catalogue = only(Workplace("here", repository(tmp_path, {"main.tf": KEY}))), load_catalogue()
    located = locate_finding(KNOWN, places, catalogue)
    assert isinstance(located.result, Location)
    assert not isinstance(located.finding, InvalidFinding)
    assert located.finding.control == "kms-key-rotation"
    assert located.repository == "here"
    assert locate_finding(INVALID, places, catalogue).result is None
