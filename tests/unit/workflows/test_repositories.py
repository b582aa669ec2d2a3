import json
from pathlib import Path

import pytest
from tests.support.code import bucket
from tests.support.repositories import cloud, finding, repository

from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.finding import InvalidFinding
from iacfix.domain.outcome import Status
from iacfix.iac.terraform.state import State
from iacfix.locators.locate import States
from iacfix.locators.scopes import Scope
from iacfix.locators.terraform_state import StateFile
from iacfix.workflows.fix import Fixer
from iacfix.workflows.repositories import Fixers, Workplace, Workplaces, only

S3 = "arn:aws:s3:::acme-logs"
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
SHOP = (("team", "shop"),)
CATALOGUE: Catalogue = load_catalogue()


class Opened:
    """Repositories by name, and which of them were opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []

    def __call__(self, name: str) -> Workplace:
        self.names.append(name)
        return Workplace(name, repository(self.folder / name, {"main.tf": KEY + bucket(name, bucket='"acme-logs"')}))


def states(name: str) -> States:
    instance = {"attributes": {"arn": S3, "id": "acme-logs"}}
    resource = {"mode": "managed", "type": "aws_s3_bucket", "name": name, "instances": [instance]}
    return States((StateFile("s", "", State.read(json.dumps({"version": 4, "resources": [resource]}).encode())),))


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    return Opened(tmp_path)


def fixers(places: Workplaces, made: list[str]) -> Fixers:
    def make(place: Workplace) -> Fixer:
        made.append(place.name)
        return Fixer(CATALOGUE, place.repository)

    return Fixers(CATALOGUE, places, make)


TEAMS = (Scope("pay", tags={"team": "pay"}), Scope("shop", tags={"team": "shop"}))


def test_a_finding_opens_its_own_repository_alone(opened: Opened) -> None:
    place = Workplaces(TEAMS, opened).of(cloud("AwsS3Bucket", S3, tags=SHOP))
    assert isinstance(place, Workplace)
    assert (place.name, opened.names) == ("shop", ["shop"])


def test_what_belongs_nowhere_opens_nothing(opened: Opened) -> None:
    said = Workplaces(TEAMS, opened).of(cloud("AwsS3Bucket", S3))
    assert isinstance(said, str)
    assert said.startswith("no repository for a finding that names no account")
    assert opened.names == []


@pytest.mark.parametrize(("knows", "name"), [("a", "a"), ("b", "b"), ("", "")])
def test_the_states_of_the_scopes_buckets_are_asked(opened: Opened, knows: str, name: str) -> None:
    scopes = tuple(Scope(each, state_buckets=("states",)) for each in "ab")
    places = Workplaces(scopes, opened, lambda scope: states("x") if scope.name == knows else States())
    place = places.of(cloud("AwsS3Bucket", S3))
    assert (place.name if isinstance(place, Workplace) else "") == name


def test_without_states_no_bucket_knows_anything(opened: Opened) -> None:
    assert isinstance(Workplaces((Scope("a", state_buckets=("s",)),), opened).of(cloud("AwsS3Bucket", S3)), str)


def test_every_repository_has_one_fixer(opened: Opened) -> None:
    made: list[str] = []
    every = fixers(Workplaces(TEAMS, opened), made)
    outcomes = [every.fix(cloud("AwsS3Bucket", S3, tags=(("team", team),))) for team in ("shop", "pay", "shop")]
    assert [outcome.repository for outcome in outcomes] == ["shop", "pay", "shop"]
    assert made == ["shop", "pay"]
    assert [outcome.status for outcome in outcomes] == [Status.PROPOSED, Status.PROPOSED, Status.ALREADY_FIXED]


def test_what_belongs_nowhere_keeps_its_control(opened: Opened) -> None:
    made: list[str] = []
    outcome = fixers(Workplaces(TEAMS, opened), made).fix(cloud("AwsS3Bucket", S3))
    assert (outcome.status, outcome.repository, made) == (Status.NOT_LOCATED, "", [])
    assert not isinstance(outcome.finding, InvalidFinding)
    assert outcome.finding.control == "s3-block-public-access"


def test_an_entry_that_is_no_finding_opens_nothing(opened: Opened) -> None:
    outcome = fixers(Workplaces(TEAMS, opened), []).fix(InvalidFinding("checkov", 0, "check_id", "is missing"))
    assert (outcome.status, outcome.reason, opened.names) == (
        Status.INVALID_FINDING,
        "check_id: is missing",
        [],
    )


def test_of_one_repository_every_finding_is(opened: Opened) -> None:
    place = opened("only")
    outcome = fixers(only(place), []).fix(finding("CKV_AWS_7", "aws_kms_key.data"))
    assert (outcome.status, outcome.repository) == (Status.PROPOSED, "only")
    assert only(place).of(cloud("AwsFooBar", "x")) is place
